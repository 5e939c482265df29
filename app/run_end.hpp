#pragma once
#include <string>

#include "../rl/algorithm.hpp"
#include "run_folder.hpp"

namespace pigrad::app {

/// What a finished run knows of itself besides its algorithm.
struct RunEnd {
  double seconds = 0;  ///< in all, before and after every resume
  int threads = 1;
  int ranks = 0;  ///< 0: no launcher started it
  int best_epoch = 0;
  double best_mean = 0;  ///< mean return of that epoch's episodes
};

/// Evaluates the last policy, greedy and sampled, and the best one, greedy, and writes summary.json. Returns what they
/// reached in a line.
std::string sum_up(const Algorithm& algorithm, const RunPaths& paths, const RunEnd& end);

}  // namespace pigrad::app
