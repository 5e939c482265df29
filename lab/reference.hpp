#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../env/registry.hpp"
#include "../rl/advantage.hpp"
#include "../rl/agent.hpp"
#include "statistics.hpp"

namespace pigrad::lab {

/// How a reference gradient is sampled.
struct ReferenceSettings {
  std::int64_t steps = 1000000;  ///< at least so many, in whole episodes
  int episodes = 64;             ///< of a group; groups are independent
  int groups = 32;               ///< at least so many
  double gamma = 0.99, lambda = 1;
  /// Ψ: by default the return-to-go with γᵗ, whose mean is ∇J whatever the critic; V(s) is subtracted where asked.
  AdvantageSettings psi = unbiased();
  bool bootstrap_limits = false;  ///< V(s) of the critic after a time limit; else a limit counts as an end, as J does
  std::uint64_t seed = 1;
  int threads = 1;
  std::function<void(double share)> progress;  ///< null: nobody looks

  static AdvantageSettings unbiased();
};

/// A policy gradient of an environment that no matrix describes, from many steps, with its own standard error.
struct ReferenceGradient {
  std::vector<double> mean;       ///< E[Σ_t Ψ_t ∇ ln π(a_t|s_t)] of an episode [P]; 0 in the critic's part
  std::vector<double> gradients;  ///< of each group's mean episode [groups×P]: for measure() and its intervals
  int groups = 0;
  std::int64_t steps = 0, episodes = 0;
  Interval objective;         ///< mean discounted return of an episode, 95 %
  double standard_error = 0;  ///< √(tr Cov(mean)): the expected distance from the true mean
};

/// Throws Error for an agent whose observations are normalised, for a Ψ that needs a critic that it lacks, and, as the
/// environment does, where episodes do not end.
template <class T>
ReferenceGradient reference_gradient(const Agent<T>& agent, const Registry& environments,
                                     const std::string& environment, const ReferenceSettings& settings = {});

}  // namespace pigrad::lab
