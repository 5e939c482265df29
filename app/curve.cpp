#include <algorithm>

#include "chart.hpp"
#include "csv.hpp"
#include "files.hpp"

namespace pigrad::app {

Chart learning_curve(const std::string& metrics_csv, const CurveOptions& options) {
  const CsvTable table = read_csv(metrics_csv);
  Series series;
  series.label = "mean return of the episodes of an epoch";
  series.x = table.at(options.steps);
  series.y = table.at(options.mean);
  if (table.contains(options.std)) {
    const std::vector<double>& spread = table.at(options.std);
    for (std::size_t i = 0; i < spread.size(); ++i) {
      series.low.push_back(series.y[i] - spread[i]);
      series.high.push_back(series.y[i] + spread[i]);
    }
    series.band_label = "± 1 standard deviation";
  }
  if (table.contains(options.least) && table.contains(options.greatest)) {
    series.outer_low = table.at(options.least);
    series.outer_high = table.at(options.greatest);
    series.outer_label = "least to greatest";
    // No episode returned more than the greatest: the band must not say so.
    for (std::size_t i = 0; i < series.low.size(); ++i) {
      series.low[i] = std::max(series.low[i], series.outer_low[i]);
      series.high[i] = std::min(series.high[i], series.outer_high[i]);
    }
  }
  Chart chart;
  chart.title = options.title;
  chart.subtitle = options.subtitle;
  chart.x_label = "environment steps";
  chart.y_label = "return of an episode";
  chart.series = {series};
  chart.references = options.references;
  return chart;
}

void write_chart(const Chart& chart, const std::string& folder, const std::string& name) {
  write_text(folder + "/" + name + ".svg", draw_svg(chart));
  write_text(folder + "/" + name + ".png", draw_png(chart));
}

}  // namespace pigrad::app
