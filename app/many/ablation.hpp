#pragma once
#include "batch.hpp"
#include "scores.hpp"

namespace pigrad::app {

struct AblationOptions {
  std::string out;    ///< folder
  std::string title;  ///< of the picture: the recipe
  std::string from_name = "from", to_name = "to";
  std::vector<std::int64_t> seeds;
  ScoreChoice score;
  BatchOptions batch;
};

/// Goes from one set of settings to another, a switch at a time: each alone, and one after another. Leaves a run for
/// each and each seed, ablation.csv, ablation.md (a sentence for each switch, and the table) and ablation.svg/png in
/// the folder, and says the sentences. Returns the exit status. Throws Error if the two do not differ.
int ablate(const TrainSettings& from, const TrainSettings& to, const AblationOptions& options);

}  // namespace pigrad::app
