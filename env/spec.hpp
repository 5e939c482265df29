#pragma once
#include <limits>
#include <string>

#include "space.hpp"

namespace pigrad {

/// Steps after which an episode without a time limit counts as one that never ends.
inline constexpr int endless_episode = 1'000'000;

/// What an environment promises to whoever uses it, by name.
struct Spec {
  std::string id;  ///< "CartPole-v1"
  Space observation;
  Space action;
  int max_steps = 0;  ///< the time limit that truncates; 0 = none
  /// Mean return at which the task counts as solved; NaN where nobody set one.
  double reward_threshold = std::numeric_limits<double>::quiet_NaN();
  /// Largest mean return of an episode that a policy can reach; NaN where unknown.
  double best_return = std::numeric_limits<double>::quiet_NaN();
  bool fixed_start = false;  ///< every episode starts in the same state, whatever the seed
  std::string description;   ///< one line
};

}  // namespace pigrad
