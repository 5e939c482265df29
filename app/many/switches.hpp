#pragma once
#include <string>
#include <vector>

#include "../../rl/settings.hpp"

namespace pigrad::app {

/// A setting in which two sets of settings differ.
struct Switch {
  std::string key, from, to;  ///< values as text
  std::string meaning;        ///< its help text
};

/// Where `to` differs from `from`, in the order of the settings; not its names (recipe, variant), its seed, or what
/// changes no result.
std::vector<Switch> switches_between(TrainSettings from, TrainSettings to);

/// `from` with the switches turned.
TrainSettings turned(const TrainSettings& from, const std::vector<Switch>& switches);

/// One thing to run on the way from one to the other.
struct Step {
  std::string name;              ///< "critic.kind=mlp"; "from" and "to" at the ends
  std::vector<Switch> switches;  ///< turned in it
  std::vector<Switch> added;     ///< since the step before, in the cumulative order
  std::string refusal;           ///< why these settings cannot be run; empty where they can
};

/// From + each switch alone. One that cannot stand alone has its refusal.
std::vector<Step> steps_alone(const TrainSettings& from, const std::vector<Switch>& switches);
/// From + the first, the first two, …, all. A switch that is refused without a later one waits for it.
std::vector<Step> steps_cumulative(const TrainSettings& from, const std::vector<Switch>& switches);

/// How far the first update agrees with another's, from the same parameters and rollout; NaN where it cannot be said.
struct Directions {
  double gradient = 0;  ///< cosine of the policy gradients over the whole rollout at the start
  double update = 0;    ///< cosine of the changes of the policy's parameters in the first epoch, steps and all
};

/// Collects one rollout as `from` does and lets both learn from it in float64, the policy's parameters being equal.
Directions first_directions(const TrainSettings& from, const TrainSettings& other);

}  // namespace pigrad::app
