#include "text.hpp"

#include <cmath>
#include <cstdio>

#include "../rl/fields.hpp"

namespace pigrad::app {
namespace {

struct Sign {
  char32_t code;
  std::size_t bytes;
};

Sign decode(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (length == 1 || at + length > text.size()) return {lead, 1};
  char32_t code = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {lead, 1};
    code = (code << 6) | (byte(at + i) & 0x3Fu);
  }
  return {code, length};
}

int sign_width(char32_t c) {
  const auto in = [c](char32_t low, char32_t high) { return c >= low && c <= high; };
  if (c < 0x20 || c == 0x7F || in(0x300, 0x36F) || in(0x200B, 0x200F) || in(0x20D0, 0x20FF) || in(0xFE00, 0xFE0F)) {
    return 0;
  }
  const bool wide = in(0x1100, 0x115F) || in(0x2E80, 0x303E) || in(0x3041, 0xA4CF) || in(0xAC00, 0xD7A3) ||
                    in(0xF900, 0xFAFF) || in(0xFE30, 0xFE6F) || in(0xFF00, 0xFF60) || in(0xFFE0, 0xFFE6) ||
                    in(0x1F300, 0x1F64F) || in(0x1F680, 0x1F6FF) || in(0x1F900, 0x1F9FF) || in(0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

// Bytes of the text from `begin` that fit into so many columns.
std::size_t fit(const std::string& text, std::size_t begin, int columns) {
  std::size_t at = begin;
  while (at < text.size()) {
    const Sign sign = decode(text, at);
    columns -= sign_width(sign.code);
    if (columns < 0) break;
    at += sign.bytes;
  }
  return at - begin;
}

}  // namespace

int display_width(const std::string& text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Sign sign = decode(text, at);
    width += sign_width(sign.code);
    at += sign.bytes;
  }
  return width;
}

std::string pad(const std::string& text, int columns, bool right) {
  const int missing = columns - display_width(text);
  if (missing <= 0) return text;
  const std::string spaces(static_cast<std::size_t>(missing), ' ');
  return right ? spaces + text : text + spaces;
}

std::string shorten(const std::string& text, int columns) {
  if (display_width(text) <= columns) return text;
  if (columns <= 0) return "";
  return text.substr(0, fit(text, 0, columns - 1)) + "…";
}

std::vector<std::string> wrap(const std::string& text, int columns) {
  if (columns < 1) columns = 1;
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t length = fit(text, begin, columns);
    if (begin + length < text.size()) {
      const auto space = text.rfind(' ', begin + length);
      if (space != std::string::npos && space > begin) length = space - begin;
      if (length == 0) length = decode(text, begin).bytes;
    }
    lines.push_back(text.substr(begin, length));
    begin += length;
    while (begin < text.size() && text[begin] == ' ') ++begin;
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

std::string six_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string si(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const char* prefixes[] = {"", "k", "M", "G", "T", "P"};
  std::size_t step = 0;
  double scaled = value;
  while (std::abs(scaled) >= 999.5 && step + 1 < std::size(prefixes)) {
    scaled /= 1000;
    ++step;
  }
  const double size = std::abs(scaled);
  const int decimals = size >= 99.95 || (step == 0 && size == std::floor(size)) ? 0 : size >= 9.995 ? 1 : 2;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f%s", decimals, scaled, prefixes[step]);
  return text;
}

std::string duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "?";
  const auto total = static_cast<long>(std::llround(seconds));
  const long hours = total / 3600, minutes = total / 60 % 60;
  char text[64];
  if (total < 60) {
    std::snprintf(text, sizeof text, "%ld s", total);
  } else if (hours == 0) {
    std::snprintf(text, sizeof text, "%ld:%02ld", minutes, total % 60);
  } else if (hours < 48) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", hours, minutes, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld d %02ld h", hours / 24, hours % 24);
  }
  return text;
}

std::string grouped(std::int64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool after_digit = i > 0 && digits[i - 1] != '-';
    if (after_digit && (digits.size() - i) % 3 == 0) text += ' ';
    text += digits[i];
  }
  return text;
}

}  // namespace pigrad::app
