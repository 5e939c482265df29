#include "intervals.hpp"

#include <algorithm>
#include <cmath>

#include "axis.hpp"
#include "canvas.hpp"
#include "files.hpp"

namespace pigrad::app {
namespace {

constexpr double kMargin = 28, kRow = 30, kBelow = 62;
constexpr Ink kText{0x222222}, kSoft{0x666666}, kGrid{0xe6e6e6}, kBase{0x8c8c8c};
const Lettering kTitle{20, kText, true}, kSubtitle{13.5, kSoft}, kMark{13, kSoft}, kName{13, kText};

std::vector<std::string> subtitle(const IntervalChart& chart) {
  return wrap_text(chart.subtitle, kSubtitle, chart.width - 2 * kMargin);
}

double head(const IntervalChart& chart) {
  return kMargin + (chart.title.empty() ? 0 : 20) + 23 * static_cast<double>(subtitle(chart).size()) + 22;
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

/// A canvas whose corner lies elsewhere in another.
class Below final : public Canvas {
 public:
  Below(Canvas& canvas, double down) : canvas_(canvas), down_(down) {}
  void rectangle(Point p, double width, double height, Ink fill) override {
    canvas_.rectangle(moved(p), width, height, fill);
  }
  void line(const std::vector<Point>& points, Ink ink, double width, const std::vector<double>& dashes) override {
    canvas_.line(moved(points), ink, width, dashes);
  }
  void polygon(const std::vector<Point>& points, Ink fill) override { canvas_.polygon(moved(points), fill); }
  void text(Point p, const std::string& utf8, const Lettering& lettering) override {
    canvas_.text(moved(p), utf8, lettering);
  }
  void clip(Point p, double width, double height) override { canvas_.clip(moved(p), width, height); }
  void unclip() override { canvas_.unclip(); }
  std::string finish() override { return canvas_.finish(); }

 private:
  Point moved(Point p) const { return {p.x, p.y + down_}; }
  std::vector<Point> moved(std::vector<Point> points) const {
    for (Point& p : points) p.y += down_;
    return points;
  }
  Canvas& canvas_;
  double down_;
};

void draw_sheet(const Sheet& sheet, Canvas& canvas) {
  double down = 0;
  for (const Chart& chart : sheet.charts) {
    Below part(canvas, down);
    draw_chart(chart, part);
    down += chart.height;
  }
  for (const IntervalChart& chart : sheet.intervals) {
    Below part(canvas, down);
    draw_intervals(chart, part);
    down += chart.height();
  }
}

}  // namespace

double IntervalChart::height() const { return head(*this) + kRow * static_cast<double>(rows.size()) + kBelow; }

void draw_intervals(const IntervalChart& chart, Canvas& canvas) {
  canvas.rectangle({0, 0}, chart.width, chart.height(), {0xffffff});
  double y = kMargin + 14;
  if (!chart.title.empty()) canvas.text({kMargin, y}, chart.title, kTitle), y += 23;
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
    canvas.text({left - 12, middle + 4.5}, row.label, at(kName, 1));
    canvas.text({right + 16, middle + 4.5}, row.note, kMark);
    for (const double x : row.points)
      if (std::isfinite(x)) canvas.line({{px(x), middle}, {px(x), middle}}, {rgb, 0.3}, 7);
    if (std::isfinite(row.low) && std::isfinite(row.high))
      canvas.line({{px(row.low), middle}, {px(row.high), middle}}, {rgb}, 2.4);
    if (std::isfinite(row.centre))
      canvas.line({{px(row.centre), middle - 7}, {px(row.centre), middle + 7}}, {rgb}, 3.2);
  }
}

void write_sheet(const Sheet& sheet, const std::string& folder, const std::string& name) {
  double width = 0, height = 0;
  for (const Chart& chart : sheet.charts) width = std::max(width, chart.width), height += chart.height;
  for (const IntervalChart& chart : sheet.intervals) width = std::max(width, chart.width), height += chart.height();
  const std::string title = !sheet.charts.empty()      ? sheet.charts[0].title
                            : !sheet.intervals.empty() ? sheet.intervals[0].title
                                                       : "";
  const auto svg = svg_canvas(width, height, title);
  draw_sheet(sheet, *svg);
  write_text(folder + "/" + name + ".svg", svg->finish());
  const auto png = png_canvas(width, height, 2);
  draw_sheet(sheet, *png);
  write_text(folder + "/" + name + ".png", png->finish());
}

}  // namespace pigrad::app
