#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "registry.hpp"

namespace pigrad {

struct TraceStep {
  std::vector<double> observation;  ///< after the step: the episode's last where it ended
  double reward = 0;
  bool terminated = false;
  bool truncated = false;
};

struct Trace {
  std::vector<double> start;     ///< the state that the first action was taken in, [state_size]
  std::vector<double> observed;  ///< its observation
  std::vector<TraceStep> steps;  ///< one an action, up to the episode's end
};

/// Plays a list of actions on one copy in double, from a given state or (where `state` is empty) from the start that
/// the seed gives, and stops where the episode ends. For people who compare environments. A box action takes
/// action.size() consecutive values; a discrete one must be whole. Throws Error for an unknown name, a state of the
/// wrong size, or actions that are not whole or not in the space.
Trace trace(const Registry& registry, const std::string& name, const std::vector<double>& state,
            const std::vector<double>& actions, std::uint64_t seed = 0);

}  // namespace pigrad
