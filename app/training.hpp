#pragma once
#include <string>

#include "../rl/settings.hpp"
#include "files.hpp"

namespace pigrad::app {

class Ranks;

struct TrainOptions {
  std::string out;  ///< the run folder; empty: runs/RECIPE-SEED
  IfThere if_there = IfThere::number;
  int threads = 0;             ///< 0: as the settings say, which may be all cores
  std::string device = "cpu";  ///< or "cuda"
  bool quiet = false;
  bool live = false;       ///< draw the policy acting, where the output is a terminal
  Ranks* ranks = nullptr;  ///< processes that train it together, of which this is the first; null: this one alone
};

/// Trains from the first epoch into a new run folder. Returns the exit status: 0, or 130 or 143 after SIGINT or
/// SIGTERM, when the epoch has been finished and saved.
int train(const TrainSettings& settings, const TrainOptions& options);

/// Goes on with a run where its last checkpoint was taken, bit for bit.
int resume(const std::string& run, const TrainOptions& options);

}  // namespace pigrad::app
