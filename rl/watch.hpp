#pragma once
#include <cstdint>
#include <functional>
#include <vector>

namespace pigrad {

/// What somebody who watches episodes sees: at their start, and after each step. The arrays are valid during the call.
struct Moment {
  int episode = 0;                                   ///< which of those that are watched, from 0
  int step = 0;                                      ///< steps taken; 0 is the start
  const std::vector<double>* state = nullptr;        ///< as VectorEnv::get_state gives it
  const std::vector<double>* observation = nullptr;  ///< as the environment gives it
  /// What led here: the index, or one number a dimension before it was clipped; empty at the start.
  const std::vector<double>* action = nullptr;
  double reward = 0;  ///< of the last step
  double total = 0;   ///< Σ reward so far
  bool terminated = false, truncated = false;
};

/// Episodes to be watched. They are those that an evaluation of this seed counts, in its order.
struct Watch {
  int episodes = 1;
  bool greedy = true;
  std::uint64_t seed = 1;
  int most_steps = 0;  ///< of an episode; 0: the environment's own limit
  /// Called for each running episode in turn, step by step; false ends the watch.
  std::function<bool(const Moment&)> see;
};

}  // namespace pigrad
