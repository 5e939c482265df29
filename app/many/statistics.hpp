#pragma once
#include <cstdint>
#include <functional>
#include <vector>

namespace pigrad::app {

/// Σx / n; NaN of nothing.
double mean_of(const std::vector<double>& values);
/// √(Σ(x − mean)² / (n − 1)), the deviation of a sample; NaN of fewer than two.
double deviation_of(const std::vector<double>& values);
/// The q-quantile, linear between order statistics (R's type 7, NumPy's default); NaN of nothing.
double quantile_of(std::vector<double> values, double q);
inline double median_of(const std::vector<double>& values) { return quantile_of(values, 0.5); }
/// Mean of the middle half: ⌊n/4⌋ values are left out at each end (Agarwal et al. 2021, "Deep reinforcement learning at
/// the edge of the statistical precipice").
double interquartile_mean(std::vector<double> values);

struct Interval {
  double low = 0, high = 0;
  bool overlaps(const Interval& other) const { return low <= other.high && other.low <= high; }
};

/// Scores apart by what they were measured on: a stratum is a task, a setting, one side of a comparison.
using Strata = std::vector<std::vector<double>>;
using Statistic = std::function<double(const Strata&)>;

struct BootstrapOptions {
  int repeats = 50000;
  double confidence = 0.95;
  std::uint64_t seed = 0;
};

/// Percentile interval of the stratified bootstrap (as above): each repeat draws every stratum anew from itself, with
/// replacement, and takes the statistic of the whole; the interval lies between quantiles of the repeats. The draw i of
/// stratum s in repeat r is keyed by (seed, r, s, i): the same bits each time. NaN if a stratum is empty.
Interval bootstrap_interval(const Strata& strata, const Statistic& statistic, const BootstrapOptions& options = {});

/// Statistics over all scores of all strata, as rliable takes them over runs × tasks.
double pooled_interquartile_mean(const Strata& strata);
double pooled_mean(const Strata& strata);
/// Interquartile mean of the second stratum minus that of the first.
double interquartile_difference(const Strata& two);

/// What a table says of the scores of one setting.
struct Description {
  int count = 0;
  double mean = 0, deviation = 0, median = 0, lower = 0, upper = 0, least = 0, most = 0, iqm = 0;
  Interval interval;  ///< of iqm, 95 %
};
Description describe(const Strata& strata, const BootstrapOptions& options = {});

}  // namespace pigrad::app
