#include "ablation_picture.hpp"

#include "../run_folder.hpp"
#include "../sheet.hpp"
#include "curves.hpp"

namespace pigrad::app {
namespace {

constexpr int kGrey = 6;
constexpr double kWidth = 1320, kPanelHeight = 330;

struct Named {
  std::string label;
  const Outcome* outcome;
  int colour;
};

Series series_of(const Outcome& outcome, const std::string& label, int colour) {
  std::vector<Curve> all;
  for (const std::string& run : outcome.runs) all.push_back(read_curve(RunPaths{run}.metrics(), {}));
  Series series = summary_series(all, "iqr");
  series.label = label;
  series.colour = colour;
  return series;
}

/// A curve, and another over it, grey and in dashes, so that equal ones are seen to be two.
Chart panel(const std::string& title, const Outcome& before, const std::string& before_label, const Named& after) {
  const CurveChoice choice;
  Chart chart;
  chart.title = title;
  chart.title_size = 14;
  chart.x_label = choice.x_label();
  chart.height = kPanelHeight;
  chart.series = {series_of(*after.outcome, after.label, after.colour), series_of(before, before_label, kGrey)};
  chart.series.back().dashes = {6, 5};
  return chart;
}

void set_columns(Panels& panels) {
  const std::size_t count = panels.charts.size();
  panels.columns = count == 1 ? 1 : count == 2 || count == 4 ? 2 : 3;
  for (Chart& chart : panels.charts) chart.width = kWidth / panels.columns;
}

/// Every panel's upright axis covers what any of them shows.
void share_axis(std::vector<Panels>& all) {
  std::vector<double> values;
  for (const Panels& panels : all)
    for (const Chart& chart : panels.charts)
      for (const Series& series : chart.series)
        for (const auto* column : {&series.y, &series.low, &series.high})
          values.insert(values.end(), column->begin(), column->end());
  for (Panels& panels : all)
    for (Chart& chart : panels.charts) chart.y_covers = values;
}

IntervalChart intervals(const AblationOptions& options, const std::vector<Named>& list) {
  IntervalChart chart;
  chart.title = options.score.words();
  chart.subtitle = "dot: a run; mark: interquartile mean over seeds; line: 95 % bootstrap interval";
  chart.x_label = options.score.words();
  chart.width = kWidth;
  for (const Named& one : list) {
    const Description& d = one.outcome->description;
    chart.rows.push_back({one.label, one.outcome->scores, d.iqm, d.interval.low, d.interval.high,
                          with_interval(d.iqm, d.interval.low, d.interval.high), one.colour});
  }
  return chart;
}

/// Colours of the palette but the grey one, in turn.
int colour_of(std::size_t i) { return static_cast<int>(i % static_cast<std::size_t>(kGrey)); }

}  // namespace

void draw_ablation(const AblationOptions& options, const AblationOutcome& outcome) {
  const std::string words = CurveChoice().y_label() + "; " + find_band("iqr").words;
  Panels alone{options.title + ": each switch alone", words, {}, 3},
      cumulative{options.title + ": one switch after another", words, {}, 3};
  std::vector<Named> rows = {{options.from_name, &outcome.from, kGrey}};
  for (std::size_t i = 0; i < outcome.alone.size(); ++i) {
    const Outcome& one = outcome.alone[i];
    if (!one.step.refusal.empty()) continue;
    const std::string title = one.step.name + " alone";
    alone.charts.push_back(panel(title, outcome.from, options.from_name, {"with it", &one, colour_of(i)}));
    rows.push_back({"+ " + title, &one, colour_of(i)});
  }
  const Outcome* before = &outcome.from;
  for (std::size_t i = 0; i < outcome.cumulative.size(); ++i) {
    const Outcome& one = outcome.cumulative[i];
    const bool last = i + 1 == outcome.cumulative.size();
    const std::string name = short_name(one.step), after = last ? options.to_name : "with it";
    cumulative.charts.push_back(
        panel("… + " + name, *before, i == 0 ? options.from_name : "before it", {after, &one, colour_of(i)}));
    rows.push_back({(last ? options.to_name + ": … + " : "… + ") + name, &one, colour_of(i)});
    before = &one;
  }
  Sheet sheet;
  for (const Panels& panels : {alone, cumulative})
    if (!panels.charts.empty()) sheet.panels.push_back(panels);
  for (Panels& panels : sheet.panels) set_columns(panels);
  share_axis(sheet.panels);
  sheet.intervals = {intervals(options, rows)};
  write_sheet(sheet, options.out, "ablation");
}

}  // namespace pigrad::app
