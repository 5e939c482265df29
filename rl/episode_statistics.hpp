#pragma once
#include <vector>

#include "algorithm.hpp"

namespace pigrad {

/// The metrics of episodes: of those that ended in an epoch, and the mean return of the last hundred.
class EpisodeStatistics {
 public:
  /// Appends rollout/ep_… of `ended` to metrics; NaN where none ended.
  void report(const std::vector<Episode>& ended, Metrics& metrics);

  void save(State& state) const;
  void load(const State& state);

 private:
  std::vector<double> recent_;  ///< returns, oldest first
};

}  // namespace pigrad
