#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace pigrad::app {

/// Columns of a terminal that a UTF-8 text takes: combining marks take none, East Asian wide signs and emoji two.
int display_width(const std::string& text);

/// The text and spaces up to so many columns; on the left if `right` aligned.
std::string pad(const std::string& text, int columns, bool right = false);

/// At most so many columns of the text, the last of them "…" if anything was cut.
std::string shorten(const std::string& text, int columns);

/// The text in lines of at most so many columns, broken at spaces where possible.
std::vector<std::string> wrap(const std::string& text, int columns);

/// Three digits and a prefix: 950, 12.3k, 4.56M, 1.2G. No unit.
std::string si(double value);

/// 7 s, 1:05, 2:03:04, 3 d 04 h.
std::string duration(double seconds);

/// Digits in groups of three: 12 345.
std::string grouped(std::int64_t value);

/// A number for people: six significant digits at most, "0.1", "-1234.57", "1e+20".
std::string six_digits(double value);

}  // namespace pigrad::app
