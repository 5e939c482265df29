#include "canvas_terminal.hpp"

#include <algorithm>
#include <cmath>

#include "text.hpp"

namespace pigrad::app {
namespace {

constexpr double kDot = 4, kFar = 1e5;  // pixels

int luma(unsigned rgb) {
  return static_cast<int>((299 * (rgb >> 16 & 255u) + 587 * (rgb >> 8 & 255u) + 114 * (rgb & 255u)) / 1000);
}

std::string utf8(unsigned code) {
  return {static_cast<char>(0xe0u | code >> 12), static_cast<char>(0x80u | (code >> 6 & 63u)),
          static_cast<char>(0x80u | (code & 63u))};
}

std::vector<std::string> signs_of(const std::string& text) {
  std::vector<std::string> signs;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0u) != 0x80u) signs.emplace_back();
    if (!signs.empty()) signs.back() += c;
  }
  return signs;
}

class Signs final : public TerminalCanvas {
 public:
  Signs(int columns, int rows, bool unicode)
      : columns_(std::max(columns, 1)),
        rows_(std::max(rows, 1)),
        unicode_(unicode),
        dots_(static_cast<std::size_t>(8 * columns_ * rows_)),
        letters_(static_cast<std::size_t>(columns_ * rows_)) {
    unclip();
  }

  void rectangle(Point corner, double width, double height, Ink fill) override {
    polygon(
        {corner, {corner.x + width, corner.y}, {corner.x + width, corner.y + height}, {corner.x, corner.y + height}},
        fill);
  }

  void line(const std::vector<Point>& points, Ink ink, double width, const std::vector<double>& dashes) override {
    double gone = 0;
    for (std::size_t i = 1; i < points.size(); ++i) {
      const Point a = points[i - 1], b = points[i];
      const double length = std::hypot(b.x - a.x, b.y - a.y);
      if (!(length < kFar)) continue;
      const int pieces = std::max(1, static_cast<int>(length / (kDot / 2)));
      for (int k = 0; k <= pieces; ++k) {
        const double share = static_cast<double>(k) / pieces;
        if (drawn(gone + share * length, dashes))
          spot(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y), width, ink);
      }
      gone += length;
    }
  }

  void polygon(const std::vector<Point>& points, Ink fill) override {
    for (int row = 0; row < 4 * rows_; ++row) {
      const double y = (row + 0.5) * kDot;
      std::vector<double> crossings;
      for (std::size_t i = 0; i < points.size(); ++i) {
        const Point a = points[i], b = points[(i + 1) % points.size()];
        if ((a.y <= y) != (b.y <= y)) crossings.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
      }
      std::sort(crossings.begin(), crossings.end());
      for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
        const double first = std::max(std::ceil(crossings[i] / kDot - 0.5), 0.0);
        const double last = std::min(crossings[i + 1] / kDot - 0.5, 2.0 * columns_ - 1);
        if (!(first <= last)) continue;
        for (int column = static_cast<int>(first); column <= last; ++column) dot(column, row, fill);
      }
    }
  }

  void text(Point at, const std::string& words, const Lettering& lettering) override {
    if (!(std::abs(at.x) < kFar && std::abs(at.y) < kFar)) return;
    const auto row = static_cast<int>(std::floor((at.y - 1) / sign_height));
    auto column = static_cast<int>(std::lround(at.x / sign_width - lettering.align * display_width(words)));
    if (row < 0 || row >= rows_) return;
    for (const std::string& sign : signs_of(words)) {
      if (column >= 0 && column < columns_) letters_[static_cast<std::size_t>(row * columns_ + column)] = sign;
      ++column;
    }
  }

  void clip(Point corner, double width, double height) override {
    left_ = corner.x, top_ = corner.y, right_ = corner.x + width, bottom_ = corner.y + height;
  }
  void unclip() override { clip({0, 0}, columns_ * sign_width, rows_ * sign_height); }

  std::vector<std::string> lines() const override {
    std::vector<std::string> all(static_cast<std::size_t>(rows_));
    for (int row = 0; row < rows_; ++row)
      for (int column = 0; column < columns_; ++column) all[static_cast<std::size_t>(row)] += sign(column, row);
    return all;
  }

  std::string finish() override {
    std::string whole;
    for (const std::string& line : lines()) whole += line + "\n";
    return whole;
  }

 private:
  static bool drawn(double at, const std::vector<double>& dashes) {
    double period = 0;
    for (const double dash : dashes) period += dash;
    if (period <= 0) return true;
    double rest = std::fmod(at, period);
    for (std::size_t i = 0; i < dashes.size(); ++i) {
      if (rest < dashes[i]) return i % 2 == 0;
      rest -= dashes[i];
    }
    return true;
  }

  void spot(double x, double y, double width, Ink ink) {
    if (!(std::abs(x) < kFar && std::abs(y) < kFar)) return;
    const double reach = std::clamp(width / 2 - kDot / 2, 0.0, kFar);
    const auto index = [](double place, int most) {
      return static_cast<int>(std::clamp(std::floor(place / kDot), -1.0, static_cast<double>(most)));
    };
    for (int row = index(y - reach, 4 * rows_); row <= index(y + reach, 4 * rows_); ++row)
      for (int column = index(x - reach, 2 * columns_); column <= index(x + reach, 2 * columns_); ++column)
        dot(column, row, ink);
  }

  void dot(int column, int row, Ink ink) {
    const double x = (column + 0.5) * kDot, y = (row + 0.5) * kDot;
    if (x < left_ || x >= right_ || y < top_ || y >= bottom_ || column < 0 || row < 0 || column >= 2 * columns_ ||
        row >= 4 * rows_)
      return;
    const int brightness = luma(ink.rgb);
    if (brightness > 210 && brightness < 250) return;
    dots_[static_cast<std::size_t>(row * 2 * columns_ + column)] = brightness < 250 ? 1 : 0;
  }

  std::string sign(int column, int row) const {
    const std::string& letter = letters_[static_cast<std::size_t>(row * columns_ + column)];
    if (!letter.empty()) return letter;
    constexpr unsigned bits[4][2] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
    unsigned pattern = 0;
    int count = 0;
    for (int y = 0; y < 4; ++y)
      for (int x = 0; x < 2; ++x)
        if (dots_[static_cast<std::size_t>((4 * row + y) * 2 * columns_ + 2 * column + x)] != 0) {
          pattern |= bits[y][x];
          ++count;
        }
    if (!unicode_) return std::string(1, " .:-=+*##"[count]);
    return pattern == 0 ? " " : utf8(0x2800 + pattern);
  }

  int columns_, rows_;
  bool unicode_;
  std::vector<char> dots_;
  std::vector<std::string> letters_;
  double left_ = 0, top_ = 0, right_ = 0, bottom_ = 0;
};

}  // namespace

std::unique_ptr<TerminalCanvas> terminal_canvas(int columns, int rows, bool unicode) {
  return std::make_unique<Signs>(columns, rows, unicode);
}

}  // namespace pigrad::app
