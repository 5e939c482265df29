#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../rl/on_policy.hpp"

namespace pigrad {

struct LandscapeOptions {
  int points = 8;            ///< to each side of the policy
  double radius = 0.3;       ///< the farthest step: mean KL there is about ½·radius²
  int random = 2;            ///< random directions
  int sample_episodes = 20;  ///< whose steps give the directions and the surrogate
  int episodes = 100;        ///< of each point's true return
  double damping = 0.1;      ///< λ of the natural gradient
  std::uint64_t seed = 1;
  int threads = 1;
};

/// A line through the parameters. Arrays are [steps].
struct LandscapeLine {
  std::string name;                   ///< "gradient", "natural gradient", "random 1"
  double cosine = 0;                  ///< of its angle to the gradient
  double slope = 0;                   ///< the surrogate's derivative a unit of step, at the policy
  std::vector<double> surrogate, kl;  ///< mean ρΨ − mean Ψ on the sampled steps, and mean KL(π‖π_step) there
  std::vector<double> mean_return, standard_error;  ///< of fresh episodes with sampled actions
};

/// Surrogate and true return around a policy (Ilyas et al. 2018, section 4): a surrogate that rises where the return
/// does not is one that cannot be trusted there.
struct Landscape {
  std::vector<double> steps;  ///< from −radius to radius; 0 is the policy
  int rows = 0;               ///< steps sampled
  std::vector<LandscapeLine> lines;
};

/// Every direction d is scaled so that dᵀFd = 1: a step of s changes the policy by a mean KL of ½s² to second order,
/// and directions can be compared. The same fresh episodes' starts and draws serve every point.
/// @param subject a run opened, `state` its checkpoint; its parameters are as they were afterwards
Landscape landscape(OnPolicy<double>& subject, const State& state, const Registry& environments,
                    const LandscapeOptions& options = {});

}  // namespace pigrad
