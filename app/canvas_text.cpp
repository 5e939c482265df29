#include "canvas.hpp"

namespace pigrad::app {

std::vector<std::string> wrap_text(const std::string& utf8, const Lettering& lettering, double width) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t begin = 0; begin < utf8.size();) {
    const std::size_t end = std::min(utf8.find(' ', begin), utf8.size());
    const std::string word = utf8.substr(begin, end - begin), longer = line.empty() ? word : line + " " + word;
    if (!line.empty() && text_width(longer, lettering) > width) {
      lines.push_back(line);
      line = word;
    } else {
      line = longer;
    }
    begin = end + 1;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string fit_text(const std::string& utf8, const Lettering& lettering, double width) {
  if (text_width(utf8, lettering) <= width) return utf8;
  std::string cut = utf8;
  while (!cut.empty() && text_width(cut + "…", lettering) > width) {
    while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xC0) == 0x80) cut.pop_back();
    if (!cut.empty()) cut.pop_back();
  }
  return cut + "…";
}

}  // namespace pigrad::app
