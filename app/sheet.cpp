#include "sheet.hpp"

#include <algorithm>

#include "canvas.hpp"
#include "files.hpp"

namespace pigrad::app {
namespace {

constexpr double kMargin = 28, kHead = 76;
const Lettering kTitle{20, {0x222222}, true}, kSubtitle{13.5, {0x666666}};

/// A canvas whose corner lies elsewhere in another.
class Part final : public Canvas {
 public:
  Part(Canvas& canvas, Point corner) : canvas_(canvas), corner_(corner) {}
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
  Point moved(Point p) const { return {p.x + corner_.x, p.y + corner_.y}; }
  std::vector<Point> moved(std::vector<Point> points) const {
    for (Point& p : points) p = moved(p);
    return points;
  }
  Canvas& canvas_;
  Point corner_;
};

/// The greatest height of the charts in the row that begins at `first`.
double row_height(const Panels& panels, std::size_t first) {
  double height = 0;
  const std::size_t end = std::min(first + static_cast<std::size_t>(panels.columns), panels.charts.size());
  for (std::size_t i = first; i < end; ++i) height = std::max(height, panels.charts[i].height);
  return height;
}

double height_of(const Panels& panels) {
  double height = kHead;
  for (std::size_t i = 0; i < panels.charts.size(); i += static_cast<std::size_t>(panels.columns))
    height += row_height(panels, i);
  return height;
}

double width_of(const Panels& panels) { return panels.charts.empty() ? 0 : panels.columns * panels.charts[0].width; }

/// Returns where it ends.
double draw_panels(const Panels& panels, Canvas& canvas, double y, double width) {
  canvas.rectangle({0, y}, width, height_of(panels), {0xffffff});
  canvas.text({kMargin, y + kMargin + 14}, fit_text(panels.title, kTitle, width - 2 * kMargin), kTitle);
  canvas.text({kMargin, y + kMargin + 37}, fit_text(panels.subtitle, kSubtitle, width - 2 * kMargin), kSubtitle);
  y += kHead;
  for (std::size_t i = 0; i < panels.charts.size(); ++i) {
    const std::size_t column = i % static_cast<std::size_t>(panels.columns);
    Part part(canvas, {static_cast<double>(column) * panels.charts[0].width, y});
    draw_chart(panels.charts[i], part);
    if (column + 1 == static_cast<std::size_t>(panels.columns) || i + 1 == panels.charts.size())
      y += row_height(panels, i - column);
  }
  return y;
}

void draw_sheet(const Sheet& sheet, Canvas& canvas, double width) {
  double down = 0;
  for (const Panels& panels : sheet.panels) down = draw_panels(panels, canvas, down, width);
  for (const Chart& chart : sheet.charts) {
    Part part(canvas, {0, down});
    draw_chart(chart, part);
    down += chart.height;
  }
  for (const IntervalChart& chart : sheet.intervals) {
    Part part(canvas, {0, down});
    draw_intervals(chart, part);
    down += chart.height();
  }
}

std::string title_of(const Sheet& sheet) {
  return !sheet.panels.empty()      ? sheet.panels[0].title
         : !sheet.charts.empty()    ? sheet.charts[0].title
         : !sheet.intervals.empty() ? sheet.intervals[0].title
                                    : "";
}

struct Size {
  double width = 0, height = 0;
};

Size size_of(const Sheet& sheet) {
  Size size;
  const auto below = [&](double width, double height) {
    size.width = std::max(size.width, width), size.height += height;
  };
  for (const Panels& panels : sheet.panels) below(width_of(panels), height_of(panels));
  for (const Chart& chart : sheet.charts) below(chart.width, chart.height);
  for (const IntervalChart& chart : sheet.intervals) below(chart.width, chart.height());
  return size;
}

}  // namespace

std::string sheet_svg(const Sheet& sheet) {
  const Size size = size_of(sheet);
  const auto svg = svg_canvas(size.width, size.height, title_of(sheet));
  draw_sheet(sheet, *svg, size.width);
  return svg->finish();
}

void write_sheet(const Sheet& sheet, const std::string& folder, const std::string& name) {
  write_text(folder + "/" + name + ".svg", sheet_svg(sheet));
  const Size size = size_of(sheet);
  const auto png = png_canvas(size.width, size.height, 2);
  draw_sheet(sheet, *png, size.width);
  write_text(folder + "/" + name + ".png", png->finish());
}

}  // namespace pigrad::app
