#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "settings.hpp"
#include "table.hpp"
#include "text.hpp"

namespace pigrad::app {
namespace {

// Words and shapes that YAML readers take for something other than a text.
bool reads_as_text(const std::string& text) {
  static constexpr std::array<const char*, 10> reserved{"true", "false", "null", "yes", "no",
                                                        "on",   "off",   "nan",  "inf", "y"};
  std::string low;
  for (const char c : text) low += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (low.empty() || low == "n" || std::find(reserved.begin(), reserved.end(), low) != reserved.end()) return false;
  if (!std::isalpha(static_cast<unsigned char>(text[0]))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' || c == '/';
  });
}

std::string quote(const std::string& text) {
  if (reads_as_text(text)) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char* hex = "0123456789abcdef";
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string yaml_number(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value > 0 ? ".inf" : "-.inf";
  const std::string digits = shortest(value);
  // YAML 1.1 takes 1e-08 for a text: it wants a point.
  const auto exponent = digits.find('e');
  if (exponent == std::string::npos || digits.find('.') != std::string::npos) return digits;
  return digits.substr(0, exponent) + ".0" + digits.substr(exponent);
}

std::string yaml_value(const Field& field) {
  if (const auto* text = std::get_if<std::string*>(&field.value)) return quote(**text);
  if (const auto* real = std::get_if<double*>(&field.value)) return yaml_number(**real);
  if (const auto* list = std::get_if<std::vector<double>*>(&field.value)) {
    std::string all;
    for (const double x : **list) all += (all.empty() ? "" : ", ") + yaml_number(x);
    return "[" + all + "]";
  }
  if (const auto* list = std::get_if<std::vector<int>*>(&field.value)) {
    std::string all;
    for (const int x : **list) all += (all.empty() ? "" : ", ") + std::to_string(x);
    return "[" + all + "]";
  }
  return field.text();
}

std::vector<std::string> parts(const std::string& key) {
  std::vector<std::string> all;
  std::size_t begin = 0;
  for (;;) {
    const auto dot = key.find('.', begin);
    all.push_back(key.substr(begin, dot - begin));
    if (dot == std::string::npos) return all;
    begin = dot + 1;
  }
}

}  // namespace

std::string write_settings(const std::vector<Field>& fields) {
  std::string yaml;
  std::vector<std::string> open;
  for (const Field& field : fields) {
    std::vector<std::string> path = parts(field.key);
    const std::string name = path.back();
    path.pop_back();
    std::size_t same = 0;
    while (same < std::min(open.size(), path.size()) && open[same] == path[same]) ++same;
    for (std::size_t i = same; i < path.size(); ++i) yaml += std::string(2 * i, ' ') + path[i] + ":\n";
    open = path;
    const std::string line = std::string(2 * path.size(), ' ') + name + ": " + yaml_value(field);
    yaml += pad(line, 32) + "  # " + field.meaning + "\n";
  }
  return yaml;
}

std::string describe_settings(const std::vector<Field>& fields, int columns) {
  Table table({{"setting"}, {"default"}, {"meaning"}});
  for (const Field& field : fields) {
    const std::string limits = field.choices.empty() ? field.range.describe() : field.wants();
    table.row({field.key, field.text().empty() ? "—" : field.text(),
               limits.empty() ? field.meaning : field.meaning + " (" + limits + ")"});
  }
  return table.text(columns);
}

}  // namespace pigrad::app
