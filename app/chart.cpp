#include "chart.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../core/error.hpp"
#include "axis.hpp"
#include "canvas.hpp"

namespace pigrad::app {
namespace {

constexpr unsigned kPalette[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x5f5f5f};
constexpr Ink kText{0x222222}, kSoft{0x666666}, kGrid{0xe6e6e6}, kBase{0x8c8c8c};
constexpr double kBand = 0.24, kOuter = 0.10, kMargin = 28, kLine = 21, kMostHeight = 1300;
const Lettering kSubtitle{13.5, kSoft}, kMark{13, kSoft}, kName{13, kText};

struct Bounds {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void add(double x) {
    if (!std::isfinite(x)) return;
    low = std::min(low, x);
    high = std::max(high, x);
  }
  void add(const std::vector<double>& all) {
    for (const double x : all) add(x);
  }
};

void check(const Series& series) {
  const std::size_t n = series.x.size();
  const auto fits = [&](const std::vector<double>& column) { return column.empty() || column.size() == n; };
  if (series.y.size() != n || !fits(series.low) || !fits(series.outer_low) || series.low.size() != series.high.size() ||
      series.outer_low.size() != series.outer_high.size()) {
    throw Error("chart", "the columns of \"" + series.label + "\" differ in length", "give one value a point");
  }
}

struct LegendEntry {
  std::string label;
  Ink ink;
  bool band;
  std::vector<double> dashes;
};

class Drawing {
 public:
  Drawing(const Chart& chart, Canvas& canvas) : chart_(chart), canvas_(canvas) {
    Bounds x, y;
    for (const Series& series : chart.series) {
      check(series);
      x.add(series.x);
      for (const auto* column : {&series.y, &series.low, &series.high, &series.outer_low, &series.outer_high})
        y.add(*column);
    }
    for (const ReferenceLine& line : chart.references) y.add(line.y);
    y.add(chart.y_covers);
    // A scale that begins at 0 is the honest one where 0 is near.
    if (y.low > 0 && y.low < 0.5 * y.high) y.low = 0;
    if (x.low > 0 && x.low < 0.2 * x.high) x.low = 0;
    x_ = Axis::cover(x.low, x.high, 8, true);
    y_ = Axis::cover(y.low, y.high, 6, false);
  }

  void draw() {
    canvas_.rectangle({0, 0}, chart_.width, chart_.height, {0xffffff});
    header();
    frame();
    canvas_.clip({left_, top_ - 2}, right_ - left_, bottom_ - top_ + 4);
    for (std::size_t i = 0; i < chart_.series.size(); ++i) bands(chart_.series[i], ink(i));
    canvas_.unclip();
    references();
    canvas_.clip({left_ - 2, top_ - 3}, right_ - left_ + 4, bottom_ - top_ + 6);
    for (std::size_t i = 0; i < chart_.series.size(); ++i) curve(chart_.series[i], ink(i));
    canvas_.unclip();
  }

 private:
  Ink ink(std::size_t i) const {
    const Series& series = chart_.series[i];
    return {palette(series.colour < 0 ? i : static_cast<std::size_t>(series.colour)), series.opacity};
  }
  double px(double x) const { return left_ + (right_ - left_) * x_.share(x); }
  double py(double y) const { return bottom_ - (bottom_ - top_) * y_.share(y); }

  std::vector<LegendEntry> entries() const {
    std::vector<LegendEntry> all;
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      const Series& series = chart_.series[i];
      const unsigned rgb = ink(i).rgb;
      if (!series.label.empty()) all.push_back({series.label, ink(i), false, series.dashes});
      if (!series.band_label.empty()) all.push_back({series.band_label, {rgb, kBand + kOuter}, true, {}});
      if (!series.outer_label.empty()) all.push_back({series.outer_label, {rgb, kOuter}, true, {}});
    }
    return all;
  }

  void entry(const LegendEntry& entry, double x, double y, double most) {
    if (entry.band) {
      canvas_.rectangle({x, y - 10}, 22, 11, entry.ink);
    } else {
      canvas_.line({{x + 1, y - 4.5}, {x + 21, y - 4.5}}, entry.ink, 2.6, entry.dashes);
    }
    canvas_.text({x + 30, y}, fit_text(entry.label, kName, most), kName);
  }

  double legend_above(double y) {
    double x = kMargin;
    for (const LegendEntry& one : entries()) {
      const double most = chart_.width - 2 * kMargin, width = std::min(most, 30 + text_width(one.label, kName));
      if (x > kMargin && x + width > chart_.width - kMargin) x = kMargin, y += kLine;
      entry(one, x, y, most - 30);
      x += width + 24;
    }
    return y;
  }

  /// A column at the right edge, as wide as its longest name but at most half the picture. Names that find no room are
  /// counted in words.
  double legend_right(double y) {
    double widest = 0;
    for (const LegendEntry& one : entries()) widest = std::max(widest, text_width(one.label, kName));
    const double width = std::min(30 + widest, chart_.width / 2), x = chart_.width - kMargin - width;
    const auto all = entries();
    const auto room = static_cast<std::size_t>(std::max(1.0, std::floor((chart_.height - kMargin - y) / kLine) + 1));
    const std::size_t shown = all.size() > room ? room - 1 : all.size();
    for (std::size_t i = 0; i < shown; ++i) entry(all[i], x, y + kLine * static_cast<double>(i), width - 30);
    if (shown < all.size())
      canvas_.text({x, y + kLine * static_cast<double>(shown)},
                   "… and " + std::to_string(all.size() - shown) + " more lines", kMark);
    return width + 20;
  }

  void header() {
    const Lettering letters{chart_.title_size, kText, true};
    double y = kMargin + 14, taken = 0;
    const auto title = wrap_text(chart_.title, letters, chart_.width - 2 * kMargin);
    for (std::size_t i = 0; i < title.size(); ++i)
      canvas_.text({kMargin, i == 0 ? y : y += 1.25 * chart_.title_size},
                   fit_text(title[i], letters, chart_.width - 2 * kMargin), letters);
    for (const std::string& line : wrap_text(chart_.subtitle, kSubtitle, chart_.width - 2 * kMargin))
      canvas_.text({kMargin, y += 23}, line, kSubtitle);
    if (!entries().empty() && chart_.legend == Legend::above) y = legend_above(y + 30);
    top_ = y + (chart_.y_label.empty() ? 26 : 48);
    if (chart_.legend == Legend::right) taken = legend_right(top_ + 10);
    double widest = 0;
    for (const double mark : y_.marks()) widest = std::max(widest, text_width(y_.label(mark), kMark));
    left_ = kMargin + widest + 10;
    right_ = chart_.width - kMargin - 8 - taken;
    bottom_ = chart_.height - kMargin - (chart_.x_label.empty() ? 18 : 40);
    if (!chart_.y_label.empty()) canvas_.text({kMargin, top_ - 19}, chart_.y_label, kSubtitle);
  }

  void frame() {
    for (const double mark : y_.marks()) {
      canvas_.line({{left_, py(mark)}, {right_, py(mark)}}, kGrid, 1);
      canvas_.text({left_ - 10, py(mark) + 4.5}, y_.label(mark), with(kMark, 1));
    }
    canvas_.line({{left_, bottom_}, {right_, bottom_}}, kBase, 1.2);
    for (const double mark : x_.marks()) {
      canvas_.line({{px(mark), bottom_}, {px(mark), bottom_ + 5}}, kBase, 1.2);
      canvas_.text({px(mark), bottom_ + 21}, x_.label(mark), with(kMark, 0.5));
    }
    if (!chart_.x_label.empty()) canvas_.text({right_, bottom_ + 44}, chart_.x_label, with(kSubtitle, 1));
  }

  static Lettering with(Lettering lettering, double align) {
    lettering.align = align;
    return lettering;
  }

  void bands(const Series& series, Ink ink) {
    band(series.x, series.outer_low, series.outer_high, {ink.rgb, kOuter * ink.opacity});
    band(series.x, series.low, series.high, {ink.rgb, kBand * ink.opacity});
  }

  void band(const std::vector<double>& x, const std::vector<double>& low, const std::vector<double>& high, Ink ink) {
    std::vector<Point> upper, lower;
    const auto flush = [&] {
      if (upper.size() > 1) {
        upper.insert(upper.end(), lower.rbegin(), lower.rend());
        canvas_.polygon(upper, ink);
      }
      upper.clear();
      lower.clear();
    };
    for (std::size_t i = 0; i < low.size(); ++i) {
      if (!std::isfinite(x[i]) || !std::isfinite(low[i]) || !std::isfinite(high[i])) {
        flush();
        continue;
      }
      upper.push_back({px(x[i]), py(high[i])});
      lower.push_back({px(x[i]), py(low[i])});
    }
    flush();
  }

  void curve(const Series& series, Ink ink) {
    std::vector<Point> run;
    const auto flush = [&] {
      if (run.size() == 1) run.push_back(run[0]);
      const bool dot = run.size() == 2 && run[0].x == run[1].x;
      if (!run.empty()) canvas_.line(run, ink, dot ? 6 : series.width, series.dashes);
      run.clear();
    };
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (std::isfinite(series.x[i]) && std::isfinite(series.y[i])) {
        run.push_back({px(series.x[i]), py(series.y[i])});
      } else {
        flush();
      }
    }
    flush();
  }

  void references() {
    for (const ReferenceLine& line : chart_.references) {
      if (!std::isfinite(line.y)) continue;
      canvas_.line({{left_, py(line.y)}, {right_, py(line.y)}}, {0x444444}, 1.4, {6, 5});
      const double width = text_width(line.label, kMark);
      canvas_.rectangle({right_ - width - 4, py(line.y) - 20}, width + 5, 17, {0xffffff, 0.8});
      canvas_.text({right_, py(line.y) - 7}, line.label, with(kMark, 1));
    }
  }

  const Chart& chart_;
  Canvas& canvas_;
  Axis x_, y_;
  double left_ = 0, right_ = 0, top_ = 0, bottom_ = 0;
};

}  // namespace

void Chart::make_room(std::size_t names) {
  constexpr double head = 160;
  height = std::max(height, std::min(kMostHeight, head + kLine * static_cast<double>(names)));
}

unsigned palette(std::size_t place) { return kPalette[place % std::size(kPalette)]; }

void draw_chart(const Chart& chart, Canvas& canvas) { Drawing(chart, canvas).draw(); }

std::string draw_svg(const Chart& chart) {
  const auto canvas = svg_canvas(chart.width, chart.height, chart.title);
  draw_chart(chart, *canvas);
  return canvas->finish();
}

std::string draw_png(const Chart& chart, double scale) {
  const auto canvas = png_canvas(chart.width, chart.height, scale);
  draw_chart(chart, *canvas);
  return canvas->finish();
}

}  // namespace pigrad::app
