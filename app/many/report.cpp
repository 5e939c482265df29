#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../csv_lines.hpp"
#include "../files.hpp"
#include "../run_folder.hpp"
#include "../sheet.hpp"
#include "../table.hpp"
#include "curves.hpp"

namespace pigrad::app {
namespace {

constexpr std::size_t kMostCurves = 7, kMostRows = 40;

std::string text_of(double value) { return std::isnan(value) ? "" : shortest(value); }

std::vector<std::string> keys_of(const std::vector<SettingResult>& results) {
  std::vector<std::string> keys;
  if (!results.empty())
    for (const auto& one : results[0].assignments) keys.push_back(one.first);
  return keys;
}

std::vector<std::string> values_of(const SettingResult& result) {
  std::vector<std::string> values;
  for (const auto& one : result.assignments) values.push_back(one.second);
  return values;
}

using Line = std::vector<std::string>;
Line operator+(Line line, const Line& more) {
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

std::string runs_csv(const std::vector<SettingResult>& results) {
  std::string text = join_csv(keys_of(results) + Line{"seed", "score", "greedy", "steps", "seconds", "failure"});
  for (const SettingResult& r : results) {
    for (std::size_t i = 0; i < r.runs.size(); ++i)
      text +=
          join_csv(values_of(r) + Line{std::to_string(r.seeds[i]), text_of(r.runs[i].score), text_of(r.runs[i].greedy),
                                       text_of(r.runs[i].steps), text_of(r.runs[i].seconds), ""});
    for (const Failure& failure : r.failures)
      text += join_csv(values_of(r) + Line{std::to_string(failure.seed), "", "", "", "", failure.words});
  }
  return text;
}

std::string table_csv(const std::vector<SettingResult>& results) {
  std::string text = join_csv(keys_of(results) + Line{"runs", "failed", "mean", "std", "median", "q25", "q75", "least",
                                                      "most", "iqm", "iqm_low", "iqm_high", "greedy_median"});
  for (const SettingResult& r : results) {
    const Description& d = r.description;
    Line numbers = {std::to_string(d.count), std::to_string(r.failures.size())};
    std::vector<double> greedy;
    for (const RunScore& run : r.runs) greedy.push_back(run.greedy);
    for (const double x : {d.mean, d.deviation, d.median, d.lower, d.upper, d.least, d.most, d.iqm, d.interval.low,
                           d.interval.high, median_of(greedy)})
      numbers.push_back(text_of(x));
    text += join_csv(values_of(r) + numbers);
  }
  return text;
}

/// Best first; those without a score last.
std::vector<std::size_t> ranking(const std::vector<SettingResult>& results) {
  std::vector<std::size_t> order(results.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double x = results[a].description.iqm, y = results[b].description.iqm;
    return !std::isnan(x) && (std::isnan(y) || x > y);
  });
  return order;
}

std::string name_of(const SettingResult& result, const SweepPlan& plan) {
  return result.assignments.empty() ? plan.base.recipe : label_of(result.assignments);
}

IntervalChart interval_chart(const std::vector<SettingResult>& results, const SweepPlan& plan) {
  IntervalChart chart;
  chart.title = plan.name + ": " + plan.score.words();
  chart.subtitle = "dot: a run; mark: interquartile mean over seeds; line: 95 % bootstrap interval";
  chart.x_label = plan.score.words();
  const auto order = ranking(results);
  if (order.size() > kMostRows)
    chart.subtitle += "; the best " + std::to_string(kMostRows) + " of " + std::to_string(order.size()) + " settings";
  for (std::size_t i = 0; i < std::min(kMostRows, order.size()); ++i) {
    const SettingResult& r = results[order[i]];
    const Description& d = r.description;
    chart.rows.push_back({name_of(r, plan), r.scores(), d.iqm, d.interval.low, d.interval.high,
                          with_interval(d.iqm, d.interval.low, d.interval.high), 0});
  }
  return chart;
}

Chart curve_chart(const std::string& folder, const std::vector<SettingResult>& results, const SweepPlan& plan) {
  Chart chart;
  CurveChoice choice;
  if (plan.score.how != "greedy") choice.y = plan.score.metric;
  chart.title = plan.name;
  chart.subtitle = find_band("iqr").words;
  chart.x_label = choice.x_label();
  chart.y_label = choice.y_label();
  chart.legend = Legend::right;
  chart.width = 1100;
  const auto order = ranking(results);
  if (order.size() > kMostCurves)
    chart.subtitle += "; the best " + std::to_string(kMostCurves) + " of " + std::to_string(order.size()) + " settings";
  for (std::size_t i = 0; i < std::min(kMostCurves, order.size()); ++i) {
    const SettingResult& r = results[order[i]];
    std::vector<Curve> curves;
    for (const std::int64_t seed : r.seeds)
      curves.push_back(read_curve(RunPaths{folder + "/" + run_name(r.assignments, seed)}.metrics(), choice));
    chart.series.push_back(summary_series(curves, "iqr"));
    chart.series.back().label = name_of(r, plan) + " (" + std::to_string(curves.size()) + ")";
  }
  return chart;
}

std::string table_text(const std::vector<SettingResult>& results, const SweepPlan& plan) {
  std::vector<Table::Column> columns;
  for (const std::string& name : short_names(keys_of(results))) columns.push_back({name, true});
  for (const char* name : {"runs", "failed", "mean", "std", "median", "IQM", "95 % interval"})
    columns.push_back({name, true});
  Table table(columns);
  for (const std::size_t i : ranking(results)) {
    const Description& d = results[i].description;
    table.row(values_of(results[i]) + Line{std::to_string(d.count), std::to_string(results[i].failures.size()),
                                           digits(d.mean), digits(d.deviation), digits(d.median), digits(d.iqm),
                                           digits(d.interval.low) + " to " + digits(d.interval.high)});
  }
  return plan.score.words() + ":\n" + table.text();
}

}  // namespace

std::vector<double> SettingResult::scores() const {
  std::vector<double> all;
  for (const RunScore& run : runs)
    if (std::isfinite(run.score)) all.push_back(run.score);
  return all;
}

std::string run_name(const Assignments& assignments, std::int64_t seed) {
  const std::string folder = folder_of(assignments);
  return (folder.empty() ? "" : folder + "/") + "seed" + std::to_string(seed);
}

int best_of(const std::vector<SettingResult>& results) {
  int best = -1, whole = -1;
  for (const std::size_t i : ranking(results)) {
    if (std::isnan(results[i].description.iqm)) continue;
    if (best < 0) best = static_cast<int>(i);
    if (whole < 0 && results[i].failures.empty()) whole = static_cast<int>(i);
  }
  return whole >= 0 ? whole : best;
}

std::vector<ValueResult> by_value(const std::vector<SettingResult>& results) {
  std::vector<ValueResult> all;
  const auto keys = keys_of(results);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    std::vector<std::string> values;
    for (const SettingResult& r : results)
      if (std::find(values.begin(), values.end(), r.assignments[k].second) == values.end())
        values.push_back(r.assignments[k].second);
    for (const std::string& value : values) {
      Strata strata;
      for (const SettingResult& r : results)
        if (r.assignments[k].second == value && !r.scores().empty()) strata.push_back(r.scores());
      constexpr int repeats = 5000;
      all.push_back({keys[k], value, pooled_interquartile_mean(strata),
                     bootstrap_interval(strata, pooled_interquartile_mean, {repeats, 0.95, 0})});
    }
  }
  return all;
}

std::string best_in_words(const std::vector<SettingResult>& results, const ScoreChoice& score) {
  const int best = best_of(results);
  if (best < 0) return "No run has a score.";
  const SettingResult& first = results[static_cast<std::size_t>(best)];
  const Description& d = first.description;
  const std::string what = with_interval(d.iqm, d.interval.low, d.interval.high) + " over " + std::to_string(d.count) +
                           (d.count == 1 ? " seed" : " seeds");
  const std::string meaning = " (" + score.words() + ": interquartile mean and its 95 % interval)";
  if (results.size() == 1) return "It reaches " + what + meaning + ".";
  std::string words = "Best of " + std::to_string(results.size()) + " settings: " + label_of(first.assignments) +
                      ", with " + what + meaning + ".";
  for (const std::size_t i : ranking(results)) {
    if (static_cast<int>(i) == best) continue;
    const Description& next = results[i].description;
    if (std::isnan(next.iqm)) break;
    words += " Next is " + label_of(results[i].assignments) + " with " +
             with_interval(next.iqm, next.interval.low, next.interval.high) + ": ";
    words += d.count < 2 || next.count < 2        ? "one seed tells nothing apart; give more."
             : next.interval.overlaps(d.interval) ? "the intervals overlap, so these seeds do not tell the two apart."
                                                  : "the intervals are apart.";
    break;
  }
  return words;
}

std::string write_report(const std::string& folder, const SweepPlan& plan, const std::vector<SettingResult>& results) {
  write_text(folder + "/runs.csv", runs_csv(results));
  write_text(folder + "/table.csv", table_csv(results));
  std::string text = table_text(results, plan), values = join_csv({"key", "value", "iqm", "iqm_low", "iqm_high"});
  if (keys_of(results).size() > 1) {
    Table table({{"setting"}, {"value", true}, {"IQM", true}, {"95 % interval", true}});
    for (const ValueResult& v : by_value(results)) {
      table.row({v.key, v.value, digits(v.iqm), digits(v.interval.low) + " to " + digits(v.interval.high)});
      values += join_csv({v.key, v.value, text_of(v.iqm), text_of(v.interval.low), text_of(v.interval.high)});
    }
    text += "\neach value, over all settings that have it:\n" + table.text();
    write_text(folder + "/values.csv", values);
  }
  Sheet scores, curves;
  scores.intervals = {interval_chart(results, plan)};
  curves.charts = {curve_chart(folder, results, plan)};
  write_sheet(scores, folder, "scores");
  write_sheet(curves, folder, "curves");
  const std::string best = best_in_words(results, plan.score);
  write_text(folder + "/best.txt", best + "\n");
  return text + "\n" + best + "\n";
}

}  // namespace pigrad::app
