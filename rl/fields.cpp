#include "fields.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "../core/error.hpp"

namespace pigrad {
namespace {

std::string write(bool value) { return value ? "true" : "false"; }
std::string write(int value) { return std::to_string(value); }
std::string write(std::int64_t value) { return std::to_string(value); }
std::string write(double value) { return shortest(value); }
std::string write(const std::string& value) { return value; }

template <class T>
std::string write(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) {
    if (!text.empty()) text += ',';
    text += write(value);
  }
  return text;
}

std::string name(const bool*) { return "true or false"; }
std::string name(const int*) { return "a whole number"; }
std::string name(const std::int64_t*) { return "a whole number"; }
std::string name(const double*) { return "a number"; }
std::string name(const std::string*) { return "a text"; }
std::string name(const std::vector<int>*) { return "whole numbers, as in 64,32"; }
std::string name(const std::vector<double>*) { return "numbers, as in 0.1,0.01"; }

bool inside(const Range&, const bool*) { return true; }
bool inside(const Range&, const std::string*) { return true; }
bool inside(const Range& range, const int* value) { return range.contains(*value); }
bool inside(const Range& range, const std::int64_t* value) { return range.contains(static_cast<double>(*value)); }
bool inside(const Range& range, const double* value) { return range.contains(*value) && !std::isnan(*value); }

template <class T>
bool inside(const Range& range, const std::vector<T>* values) {
  return std::all_of(values->begin(), values->end(), [&](const T& value) { return inside(range, &value); });
}

}  // namespace

std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  return {digits, end.ptr};
}

std::string Range::describe() const {
  const bool below = std::isfinite(low), above = std::isfinite(high);
  if (below && above) {
    return std::string("in ") + (low_open ? "(" : "[") + shortest(low) + ", " + shortest(high) +
           (high_open ? ")" : "]");
  }
  if (below) return (low_open ? "more than " : "at least ") + shortest(low);
  if (above) return (high_open ? "less than " : "at most ") + shortest(high);
  return "";
}

bool Field::is_list() const {
  return std::holds_alternative<std::vector<int>*>(value) || std::holds_alternative<std::vector<double>*>(value);
}

bool Field::is_number() const {
  return !is_list() && !std::holds_alternative<bool*>(value) && !std::holds_alternative<std::string*>(value);
}

std::string Field::wants() const {
  if (!choices.empty()) {
    std::string all = "one of ";
    for (std::size_t i = 0; i < choices.size(); ++i) all += (i > 0 ? ", " : "") + choices[i];
    return all;
  }
  const std::string limits = range.describe();
  const std::string kind = std::visit([](const auto* at) { return name(at); }, value);
  return limits.empty() ? kind : kind + (is_list() ? ", each " : " ") + limits;
}

std::string Field::text() const {
  return std::visit([](const auto* at) { return write(*at); }, value);
}

void Field::check() const {
  bool right = std::visit([this](const auto* at) { return inside(range, at); }, value);
  if (!choices.empty()) right = std::find(choices.begin(), choices.end(), text()) != choices.end();
  if (!right) throw Error(key, "\"" + text() + "\" is not allowed", "give " + wants());
}

}  // namespace pigrad
