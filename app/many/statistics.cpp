#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "../../core/error.hpp"
#include "../../core/random.hpp"

namespace pigrad::app {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double quantile_of_sorted(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

std::vector<double> pooled(const Strata& strata) {
  std::vector<double> all;
  for (const auto& stratum : strata) all.insert(all.end(), stratum.begin(), stratum.end());
  return all;
}

}  // namespace

double mean_of(const std::vector<double>& values) {
  if (values.empty()) return kNothing;
  // About the first value: equal values have exactly themselves as their mean.
  double sum = 0;
  for (const double x : values) sum += x - values[0];
  return values[0] + sum / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {
  if (values.size() < 2) return kNothing;
  const double mean = mean_of(values);
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double quantile_of(std::vector<double> values, double q) {
  if (values.empty()) return kNothing;
  std::sort(values.begin(), values.end());
  return quantile_of_sorted(values, q);
}

double interquartile_mean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto cut = static_cast<std::ptrdiff_t>(values.size() / 4);
  return mean_of({values.begin() + cut, values.end() - cut});
}

double pooled_interquartile_mean(const Strata& strata) { return interquartile_mean(pooled(strata)); }
double pooled_mean(const Strata& strata) { return mean_of(pooled(strata)); }
double interquartile_difference(const Strata& two) { return interquartile_mean(two[1]) - interquartile_mean(two[0]); }

Interval bootstrap_interval(const Strata& strata, const Statistic& statistic, const BootstrapOptions& options) {
  require(options.repeats > 0 && options.confidence > 0 && options.confidence < 1, "bootstrap",
          "no repeats, or a confidence outside (0, 1)", "give, for example, 50000 and 0.95");
  for (const auto& stratum : strata)
    if (stratum.empty()) return {kNothing, kNothing};
  if (strata.empty()) return {kNothing, kNothing};
  const Random random(options.seed, Purpose::bootstrap);
  Strata drawn = strata;
  std::vector<double> results;
  results.reserve(static_cast<std::size_t>(options.repeats));
  for (int r = 0; r < options.repeats; ++r) {
    for (std::size_t s = 0; s < strata.size(); ++s) {
      const auto n = static_cast<double>(strata[s].size());
      for (std::size_t i = 0; i < strata[s].size(); ++i) {
        const double u = random.uniform<double>(static_cast<std::uint32_t>(r), (std::uint64_t{s} << 32) + i);
        drawn[s][i] = strata[s][static_cast<std::size_t>(u * n)];
      }
    }
    results.push_back(statistic(drawn));
  }
  std::sort(results.begin(), results.end());
  const double tail = (1 - options.confidence) / 2;
  return {quantile_of_sorted(results, tail), quantile_of_sorted(results, 1 - tail)};
}

Description describe(const Strata& strata, const BootstrapOptions& options) {
  const std::vector<double> all = pooled(strata);
  Description d;
  d.count = static_cast<int>(all.size());
  d.mean = mean_of(all);
  d.deviation = deviation_of(all);
  d.median = median_of(all);
  d.lower = quantile_of(all, 0.25);
  d.upper = quantile_of(all, 0.75);
  d.least = quantile_of(all, 0);
  d.most = quantile_of(all, 1);
  d.iqm = interquartile_mean(all);
  d.interval = bootstrap_interval(strata, pooled_interquartile_mean, options);
  return d;
}

}  // namespace pigrad::app
