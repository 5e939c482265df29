#pragma once
#include <string>
#include <vector>

#include "../../rl/on_policy.hpp"

namespace pigrad::app {

/// Transitions that came from anywhere, as a rollout of one copy: docs/instruments.md has the columns.
struct Transitions {
  Rollout<double> rollout;     ///< observations as the policy sees them, rewards as they are learnt from
  std::vector<double> weight;  ///< the column of that name, empty where there is none
};

/// Reads a table of transitions for a policy. Throws Error, naming file, line and column, for columns that are missing
/// or unknown, cells that are no finite number, actions outside the space, marks other than 0 and 1, and an episode
/// that is cut where a bootstrap needs the observation after it and the table has none.
/// @param reward_factor what rewards are multiplied by before they are learnt from
Transitions read_transitions(const std::string& path, const OnPolicy<double>& policy, double reward_factor);

}  // namespace pigrad::app
