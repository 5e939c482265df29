#include "picture.hpp"

#include <cmath>
#include <limits>

namespace pigrad::app {
namespace {

constexpr double kWidth = 900, kHeight = 430;

std::vector<double> scaled(std::vector<double> values, bool log) {
  if (!log) return values;
  for (double& x : values) x = x > 0 ? std::log10(x) : std::numeric_limits<double>::quiet_NaN();
  return values;
}

std::string label(const std::string& text, bool log) { return log ? "log₁₀ of " + text : text; }

Chart chart_of(const lab::Plot& plot) {
  Chart chart;
  chart.title = plot.title;
  chart.subtitle = plot.subtitle;
  chart.x_label = label(plot.x_label, plot.log_x);
  chart.y_label = label(plot.y_label, plot.log_y);
  chart.width = kWidth;
  chart.height = kHeight;
  chart.title_size = 16;
  chart.legend = Legend::right;
  for (const lab::Curve& curve : plot.curves) {
    Series series;
    series.label = curve.label;
    series.x = scaled(curve.x, plot.log_x);
    series.y = scaled(curve.y, plot.log_y);
    series.low = scaled(curve.low, plot.log_y);
    series.high = scaled(curve.high, plot.log_y);
    series.colour = curve.colour;
    if (curve.dashed) series.dashes = {6, 5};
    chart.series.push_back(std::move(series));
  }
  return chart;
}

IntervalChart intervals_of(const lab::EstimatePlot& plot) {
  IntervalChart chart;
  chart.title = plot.title;
  chart.subtitle = plot.subtitle;
  chart.x_label = plot.x_label;
  chart.width = kWidth;
  int colour = 0;
  for (const lab::Estimate& row : plot.rows)
    chart.rows.push_back(
        {row.label, {}, row.value, row.low, row.high, lab::digits(row.value, row.low, row.high), colour++ % 6});
  for (const auto& [value, words] : plot.references) chart.references.push_back({value, words});
  return chart;
}

}  // namespace

Sheet experiment_picture(const lab::ExperimentResult& result, const std::string& title) {
  Sheet sheet;
  for (const lab::Plot& plot : result.plots) sheet.charts.push_back(chart_of(plot));
  for (const lab::EstimatePlot& plot : result.estimates) sheet.intervals.push_back(intervals_of(plot));
  if (!sheet.charts.empty() && sheet.charts.front().title.empty()) sheet.charts.front().title = title;
  return sheet;
}

}  // namespace pigrad::app
