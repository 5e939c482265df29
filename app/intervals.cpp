#include "intervals.hpp"

#include <algorithm>
#include <cmath>

#include "axis.hpp"
#include "canvas.hpp"

namespace pigrad::app {
namespace {

constexpr double kMargin = 28, kRow = 30, kBelow = 62;
constexpr Ink kText{0x222222}, kSoft{0x666666}, kGrid{0xe6e6e6}, kBase{0x8c8c8c};
const Lettering kTitle{20, kText, true}, kSubtitle{13.5, kSoft}, kMark{13, kSoft}, kName{13, kText};

std::vector<std::string> subtitle(const IntervalChart& chart) {
  return wrap_text(chart.subtitle, kSubtitle, chart.width - 2 * kMargin);
}

std::vector<std::string> title(const IntervalChart& chart) {
  return wrap_text(chart.title, kTitle, chart.width - 2 * kMargin);
}

double head(const IntervalChart& chart) {
  return kMargin + (chart.title.empty() ? 0 : 20 + 25 * static_cast<double>(title(chart).size() - 1)) +
         23 * static_cast<double>(subtitle(chart).size()) + 22;
}

Lettering at(Lettering lettering, double align) {
  lettering.align = align;
  return lettering;
}

Axis axis_of(const IntervalChart& chart) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto add = [&](double x) {
    if (!std::isfinite(x)) return;
    low = std::min(low, x);
    high = std::max(high, x);
  };
  for (const IntervalRow& row : chart.rows) {
    for (const double x : row.points) add(x);
    for (const double x : {row.centre, row.low, row.high}) add(x);
  }
  for (const ReferenceLine& line : chart.references) add(line.y);
  return Axis::cover(low, high, 7, false);
}

}  // namespace

double IntervalChart::height() const { return head(*this) + kRow * static_cast<double>(rows.size()) + kBelow; }

void draw_intervals(const IntervalChart& chart, Canvas& canvas) {
  canvas.rectangle({0, 0}, chart.width, chart.height(), {0xffffff});
  double y = kMargin + 14;
  const auto lines = title(chart);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    canvas.text({kMargin, y}, fit_text(lines[i], kTitle, chart.width - 2 * kMargin), kTitle);
    y += i + 1 < lines.size() ? 25 : 23;
  }
  for (const std::string& line : subtitle(chart)) canvas.text({kMargin, y}, line, kSubtitle), y += 23;
  double names = 0, notes = 0;
  for (const IntervalRow& row : chart.rows) {
    names = std::max(names, text_width(row.label, kName));
    notes = std::max(notes, text_width(row.note, kMark));
  }
  const double top = head(chart), bottom = top + kRow * static_cast<double>(chart.rows.size());
  const double left = kMargin + std::min(names, 0.45 * chart.width) + 16;
  const double right = std::max(left + 80, chart.width - kMargin - notes - 16);
  const Axis axis = axis_of(chart);
  const auto px = [&](double x) { return left + (right - left) * axis.share(x); };
  for (const double mark : axis.marks()) {
    canvas.line({{px(mark), top}, {px(mark), bottom}}, kGrid, 1);
    canvas.text({px(mark), bottom + 20}, axis.label(mark), at(kMark, 0.5));
  }
  canvas.line({{left, bottom}, {right, bottom}}, kBase, 1.2);
  if (!chart.x_label.empty()) canvas.text({right, bottom + 43}, chart.x_label, at(kSubtitle, 1));
  for (const ReferenceLine& line : chart.references) {
    if (!std::isfinite(line.y)) continue;
    canvas.line({{px(line.y), top}, {px(line.y), bottom}}, {0x444444}, 1.4, {6, 5});
    canvas.text({px(line.y), top - 6}, line.label, at(kMark, 0.5));
  }
  for (std::size_t i = 0; i < chart.rows.size(); ++i) {
    const IntervalRow& row = chart.rows[i];
    const double middle = top + kRow * (static_cast<double>(i) + 0.5);
    const unsigned rgb = palette(static_cast<std::size_t>(row.colour));
    canvas.text({left - 12, middle + 4.5}, fit_text(row.label, kName, left - kMargin - 12), at(kName, 1));
    canvas.text({right + 16, middle + 4.5}, row.note, kMark);
    for (const double x : row.points)
      if (std::isfinite(x)) canvas.line({{px(x), middle}, {px(x), middle}}, {rgb, 0.3}, 7);
    if (std::isfinite(row.low) && std::isfinite(row.high))
      canvas.line({{px(row.low), middle}, {px(row.high), middle}}, {rgb}, 2.4);
    if (std::isfinite(row.centre))
      canvas.line({{px(row.centre), middle - 7}, {px(row.centre), middle + 7}}, {rgb}, 3.2);
  }
}

}  // namespace pigrad::app
