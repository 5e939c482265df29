#pragma once
#include <string>
#include <vector>

#include "../exact.hpp"
#include "../experiment.hpp"
#include "../psi.hpp"
#include "../quality.hpp"

namespace pigrad::lab {

/// An MDP, a policy and the exact answers: what an experiment looks at.
struct Scene {
  FiniteMdp mdp;
  FinitePolicy policy;
  Exact exact;
  std::vector<double> gradient;  ///< ∇J [P]

  Scene(FiniteMdp of, FinitePolicy with)
      : mdp(std::move(of)), policy(std::move(with)), exact(solve(mdp, policy)), gradient(exact_gradient(mdp, policy)) {}
  /// A linear softmax policy with parameters from N(0, spread²).
  static Scene linear(FiniteMdp mdp, std::uint64_t seed, double spread) {
    FinitePolicy policy = FinitePolicy::linear(mdp);
    policy.randomise(seed, spread);
    return Scene(std::move(mdp), std::move(policy));
  }
  /// "grid world: 16 states, 4 actions, γ 0.9, 64 parameters, J 0.21, 21 steps an episode".
  std::string words() const {
    return mdp.name + ": " + std::to_string(mdp.states) + " states, " + std::to_string(mdp.actions) + " actions, γ " +
           digits(mdp.gamma) + ", " + std::to_string(policy.size()) + " parameters, J " + digits(exact.objective) +
           ", " + digits(exact.length) + " steps an episode";
  }
  std::vector<double> sample(const EstimatorRun& run, int count, const SampleOptions& options) const {
    return sample_gradients(mdp, policy, run, count, options);
  }
};

}  // namespace pigrad::lab
