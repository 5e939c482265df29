#pragma once
#include "grid.hpp"
#include "scores.hpp"

namespace pigrad::app {

/// What a sweep runs: every combination of the axes with every seed. As a file it is YAML:
///
///     # What it is.
///     recipe: a2c-cartpole
///     variant: source
///     set: {epochs: 50}
///     grid:
///       gamma: [0.9, 0.99]
///     seeds: [1, 2, 3]
///     refine: 1
struct SweepPlan {
  std::string name;   ///< of the folder; a recipe's name unless told
  std::string about;  ///< the words at the top of the file
  Base base;
  std::vector<GridAxis> axes;
  std::vector<std::int64_t> seeds;
  ScoreChoice score;
  int refine = 0;  ///< rounds of finer meshes
};

/// Reads a plan from text; `where` stands for the file in messages. Throws Error, with the line, for an unknown key or
/// a value of the wrong kind.
SweepPlan parse_plan(const std::string& yaml, const std::string& where);
/// The plan as YAML that reads back to the same.
std::string write_plan(const SweepPlan& plan);

/// The plans that the program carries (the files of recipes/sweeps/), by name.
std::vector<SweepPlan> plans();

}  // namespace pigrad::app
