#include "assign.hpp"

#include <cmath>
#include <limits>

#include "../core/whole_text.hpp"

namespace pigrad {
namespace {

std::string trim(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool parse(const std::string& text, double& value) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string bare = negative || (!text.empty() && text[0] == '+') ? text.substr(1) : text;
  if (bare == ".inf" || bare == ".Inf" || bare == ".INF" || bare == "inf") {
    value = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    return true;
  }
  if (text == ".nan" || text == ".NaN" || text == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  double number = 0;
  if (!whole_text(text, number) || !std::isfinite(number)) return false;
  value = number;
  return true;
}

template <class Whole>
bool parse_whole(const std::string& text, Whole& value) {
  Whole number = 0;
  if (whole_text(text, number)) {
    value = number;
    return true;
  }
  double real = 0;
  const double exact = 9007199254740992.0;
  if (!parse(text, real) || real != std::floor(real) || std::abs(real) > exact) return false;
  if (std::abs(real) > static_cast<double>(std::numeric_limits<Whole>::max())) return false;
  value = static_cast<Whole>(real);
  return true;
}

bool parse(const std::string& text, int& value) { return parse_whole(text, value); }
bool parse(const std::string& text, std::int64_t& value) { return parse_whole(text, value); }

bool parse(const std::string& text, bool& value) {
  for (const char* yes : {"true", "True", "TRUE", "yes", "on", "1"}) {
    if (text == yes) return value = true, true;
  }
  for (const char* no : {"false", "False", "FALSE", "no", "off", "0"}) {
    if (text == no) return value = false, true;
  }
  return false;
}

bool parse(const std::string& text, std::string& value) {
  value = text;
  return true;
}

template <class T>
bool parse_items(const std::vector<std::string>& items, std::vector<T>& values) {
  std::vector<T> read(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!parse(items[i], read[i])) return false;
  }
  values = std::move(read);
  return true;
}

bool parse(const std::string&, std::vector<int>&) { return false; }
bool parse(const std::string&, std::vector<double>&) { return false; }

std::vector<std::string> split(std::string text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  std::vector<std::string> items;
  if (trim(text).empty()) return items;
  std::size_t begin = 0;
  for (;;) {
    const auto comma = text.find(',', begin);
    items.push_back(trim(text.substr(begin, comma - begin)));
    if (comma == std::string::npos) return items;
    begin = comma + 1;
  }
}

}  // namespace

bool assign(const Field& field, const std::string& text) {
  if (field.is_list()) return assign(field, split(trim(text)));
  return std::visit([&](auto* at) { return parse(text, *at); }, field.value);
}

bool assign(const Field& field, const std::vector<std::string>& items) {
  if (auto* whole = std::get_if<std::vector<int>*>(&field.value)) return parse_items(items, **whole);
  if (auto* real = std::get_if<std::vector<double>*>(&field.value)) return parse_items(items, **real);
  return false;
}

}  // namespace pigrad
