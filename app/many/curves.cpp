#include "curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../../core/error.hpp"
#include "../../core/nearest.hpp"
#include "../csv.hpp"
#include "statistics.hpp"

namespace pigrad::app {
namespace {

constexpr int kPlaces = 200;
constexpr double kCutShort = 0.8;

bool same_places(const std::vector<Curve>& curves) {
  return std::all_of(curves.begin(), curves.end(), [&](const Curve& curve) { return curve.x == curves[0].x; });
}

std::vector<double> places(const std::vector<Curve>& curves) {
  if (same_places(curves)) return curves[0].x;
  std::vector<double> ends;
  double low = -std::numeric_limits<double>::infinity(), high = -low;
  for (const Curve& curve : curves) {
    if (curve.x.empty()) continue;
    low = std::max(low, curve.x.front());
    ends.push_back(curve.x.back());
  }
  if (ends.empty()) return {};
  // A summary over fewer and fewer runs jumps for no reason but that: it ends where the first run does. One that was
  // cut short long before the others is passed over.
  for (const double end : ends)
    if (end >= kCutShort * median_of(ends)) high = std::min(high, end);
  std::vector<double> x;
  for (int i = 0; i < kPlaces; ++i) x.push_back(low + (high - low) * i / (kPlaces - 1));
  return x;
}

/// NaN outside the curve.
double read_off(const Curve& curve, double x) {
  const auto after = std::lower_bound(curve.x.begin(), curve.x.end(), x);
  if (after == curve.x.end()) return std::nan("");
  const auto i = static_cast<std::size_t>(after - curve.x.begin());
  if (*after == x) return curve.y[i];
  if (i == 0) return std::nan("");
  const double share = (x - curve.x[i - 1]) / (curve.x[i] - curve.x[i - 1]);
  return curve.y[i - 1] + share * (curve.y[i] - curve.y[i - 1]);
}

struct Summary {
  double centre, low, high;
};

Summary summarise(const std::vector<double>& values, const std::string& band) {
  if (band == "iqr") return {median_of(values), quantile_of(values, 0.25), quantile_of(values, 0.75)};
  if (band == "ci") {
    const Interval interval = bootstrap_interval({values}, pooled_interquartile_mean, {1000, 0.95, 0});
    return {interquartile_mean(values), interval.low, interval.high};
  }
  const double mean = mean_of(values);
  if (band == "minmax") return {mean, quantile_of(values, 0), quantile_of(values, 1)};
  const double deviation = values.size() > 1 && band == "std" ? deviation_of(values) : 0;
  return {mean, mean - deviation, mean + deviation};
}

}  // namespace

std::string CurveChoice::x_label() const {
  return x == "steps" ? "environment steps" : x == "seconds" ? "seconds of training" : "epochs";
}

std::string CurveChoice::y_label() const {
  return y == "rollout/ep_rew_mean" ? "mean return of the episodes that ended in an epoch" : y;
}

Curve read_curve(const std::string& metrics_csv, const CurveChoice& choice) {
  const char* column = choice.x == "steps"     ? "time/total_timesteps"
                       : choice.x == "seconds" ? "time/time_elapsed"
                       : choice.x == "epochs"  ? "epoch"
                                               : nullptr;
  if (column == nullptr)
    throw Error("--x " + choice.x, "there is no such axis",
                did_you_mean(choice.x, {"steps", "seconds", "epochs"}) + "use steps, seconds or epochs");
  const CsvTable table = read_csv(metrics_csv);
  if (!table.contains(choice.y))
    throw Error("--y " + choice.y, metrics_csv + " has no such column",
                did_you_mean(choice.y, table.columns) + "see the file's first line");
  const auto &x = table.at(column), &y = table.at(choice.y);
  Curve curve;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) continue;
    curve.x.push_back(x[i]);
    curve.y.push_back(y[i]);
  }
  curve.y = moving_average(curve.y, choice.smooth);
  return curve;
}

std::vector<double> moving_average(const std::vector<double>& values, int window) {
  std::vector<double> smooth;
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(values.size()); ++i) {
    const auto begin = values.begin() + std::max<std::ptrdiff_t>(0, i + 1 - window);
    smooth.push_back(window > 1 ? mean_of({begin, values.begin() + i + 1}) : values[static_cast<std::size_t>(i)]);
  }
  return smooth;
}

const std::vector<Band>& bands() {
  static const std::vector<Band> all = {{"iqr", "line: median over runs, band: middle half of them (quartiles)"},
                                        {"ci", "line: interquartile mean over runs, band: 95 % bootstrap interval"},
                                        {"std", "line: mean over runs, band: ± 1 standard deviation"},
                                        {"minmax", "line: mean over runs, band: least to greatest"},
                                        {"none", "line: mean over runs"}};
  return all;
}

const Band& find_band(const std::string& name) {
  std::vector<std::string> names;
  for (const Band& band : bands()) {
    if (name == band.name) return band;
    names.emplace_back(band.name);
  }
  throw Error("--band " + name, "there is no such band",
              did_you_mean(name, names) + "use iqr, ci, std, minmax or none");
}

Series summary_series(const std::vector<Curve>& curves, const std::string& band) {
  Series series;
  if (curves.empty()) return series;
  for (const double x : places(curves)) {
    std::vector<double> values;
    for (const Curve& curve : curves) {
      const double y = read_off(curve, x);
      if (std::isfinite(y)) values.push_back(y);
    }
    if (2 * values.size() < curves.size() || values.empty()) continue;
    const Summary s = summarise(values, band);
    series.x.push_back(x);
    series.y.push_back(s.centre);
    if (band == "none" || curves.size() < 2) continue;
    series.low.push_back(s.low);
    series.high.push_back(s.high);
  }
  return series;
}

}  // namespace pigrad::app
