#include "number.hpp"

#include <math.h>
#include <stdint.h>
#include <string.h>

namespace pigrad {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

double power_of_ten(int n) {
  double power = 1;
  for (double square = 10; n > 0; n /= 2, square *= square)
    if (n % 2) power *= square;
  return power;
}

/// Reads the exponent at *text, if one is there.
bool read_exponent(const char** text, int& exponent) {
  if (**text != 'e' && **text != 'E') return true;
  ++*text;
  const bool negative = **text == '-';
  if (**text == '-' || **text == '+') ++*text;
  if (!is_digit(**text)) return false;
  int size = 0;
  for (; is_digit(**text); ++*text)
    if (size < 1000) size = 10 * size + (**text - '0');
  exponent += negative ? -size : size;
  return true;
}

bool read_number(const char** text, double& out) {
  const bool negative = **text == '-';
  if (negative) ++*text;
  if (strncmp(*text, "inf", 3) == 0) {
    *text += 3;
    out = negative ? -HUGE_VAL : HUGE_VAL;
    return true;
  }
  uint64_t digits = 0;
  int exponent = 0, seen = 0;
  bool after_point = false;
  for (;; ++*text) {
    if (**text == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (!is_digit(**text)) break;
    ++seen;
    if (digits < UINT64_MAX / 10 - 1) {
      digits = 10 * digits + static_cast<uint64_t>(**text - '0');
      if (after_point) --exponent;
    } else if (!after_point) {
      ++exponent;
    }
  }
  if (seen == 0 || !read_exponent(text, exponent)) return false;
  const auto size = static_cast<double>(digits);
  if (exponent < -300) {
    out = exponent < -700 ? 0 : size / power_of_ten(300) / power_of_ten(-exponent - 300);
  } else {
    out = exponent < 0 ? size / power_of_ten(-exponent) : size * power_of_ten(exponent > 400 ? 400 : exponent);
  }
  if (digits == 0) out = 0;
  if (negative) out = -out;
  return true;
}

}  // namespace

bool read_numbers(const char* text, int count, double* out) {
  for (int i = 0; i < count; ++i) {
    if (i > 0 && *text++ != ',') return false;
    if (!read_number(&text, out[i])) return false;
  }
  return *text == 0;
}

}  // namespace pigrad
