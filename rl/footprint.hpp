#pragma once
#include <string>
#include <vector>

#include "../env/spec.hpp"
#include "settings.hpp"

namespace pigrad {

/// What a setting makes a run hold.
struct Footprint {
  std::string key;    ///< the setting
  double count = 0;   ///< of what it counts
  double bytes = 0;   ///< at least
  std::string words;  ///< "rows in a rollout"
};

/// The memory that a run will take, by the settings that decide it: at least this, for what passes with a step
/// (shards, minibatches) is left out.
std::vector<Footprint> footprints(const TrainSettings& settings, const Spec& spec, bool with_critic);

/// Throws Error, with figure and cure, for settings that need more than `available` bytes, or arrays that 32 bits do
/// not count.
/// @param available 0: as much as it takes
void check_footprint(const TrainSettings& settings, const Spec& spec, bool with_critic, double available);

}  // namespace pigrad
