#include "metric_means.hpp"

#include <cmath>

#include "../core/error.hpp"

namespace pigrad {
namespace {

bool newest_counts(const std::string& name) {
  return name == "train/n_updates" || name == "train/learning_rate" || name == "train/clip_range";
}

}  // namespace

void MetricMeans::add(const Metrics& metrics) {
  if (means_.empty())
    for (const auto& [name, value] : metrics) means_.push_back({name, 0, 0});
  require(means_.size() == metrics.size(), "metrics", "a rollout of the epoch has others than the first",
          "report the same ones for each rollout");
  for (std::size_t i = 0; i < means_.size(); ++i) {
    Mean& mean = means_[i];
    const double value = metrics[i].second;
    const bool finite = std::isfinite(value);
    if (mean.count == 0 || newest_counts(mean.name)) {
      mean.sum = value;
      mean.count = finite;
    } else if (finite) {
      mean.sum += value;
      ++mean.count;
    }
  }
}

void MetricMeans::report(Metrics& metrics) const {
  for (const Mean& mean : means_) metrics.emplace_back(mean.name, mean.count > 1 ? mean.sum / mean.count : mean.sum);
}

}  // namespace pigrad
