#include "setting_text.hpp"

#include <charconv>
#include <cmath>

#include "../core/error.hpp"

namespace pigrad {

SettingText SettingText::parse(const std::string& where, const std::string& text, const std::string& cure) {
  SettingText spec{where, text, cure, text.substr(0, text.find(':')), {}};
  if (spec.name.empty()) spec.refuse("without a name");
  if (spec.name.size() == text.size()) return spec;
  std::size_t begin = spec.name.size() + 1;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    spec.arguments.push_back(text.substr(begin, comma == std::string::npos ? comma : comma - begin));
    if (spec.arguments.back().empty()) spec.refuse("with an empty argument");
    if (comma == std::string::npos) return spec;
    begin = comma + 1;
  }
}

void SettingText::expect(std::size_t least, std::size_t most) const {
  if (arguments.size() < least || arguments.size() > most)
    refuse("with " + std::to_string(arguments.size()) + " arguments");
}

double SettingText::number(std::size_t i) const { return number(arguments.at(i)); }

double SettingText::number(const std::string& piece) const {
  double value = 0;
  const char* end = piece.data() + piece.size();
  const auto [stop, code] = std::from_chars(piece.data(), end, value);
  if (code != std::errc() || stop != end || !std::isfinite(value)) refuse("with \"" + piece + "\" where a number goes");
  return value;
}

void SettingText::refuse(const std::string& what) const { throw Error(where, "\"" + text + "\" is " + what, cure); }

}  // namespace pigrad
