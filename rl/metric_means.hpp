#pragma once
#include <string>
#include <vector>

#include "algorithm.hpp"

namespace pigrad {

/// The metrics of an epoch from those of its rollouts: the mean of each over the rollouts where it is finite, and the
/// newest of what only grows or is set (train/n_updates, train/learning_rate, train/clip_range). Of one rollout: its
/// own.
class MetricMeans {
 public:
  /// Takes in a rollout's metrics; every rollout of an epoch has the same ones in the same order.
  void add(const Metrics& metrics);
  /// Appends the means, in that order; what was never finite as it last was.
  void report(Metrics& metrics) const;

 private:
  struct Mean {
    std::string name;
    double sum = 0;
    int count = 0;  ///< of finite values, 0 while none was seen
  };
  std::vector<Mean> means_;
};

}  // namespace pigrad
