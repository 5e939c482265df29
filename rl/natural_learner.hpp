#pragma once
#include "actor_critic.hpp"
#include "natural_policy.hpp"

namespace pigrad {

/// What one step of the policy did.
struct NaturalStep {
  double before = 0, after = 0;  ///< the surrogate's loss
  double alpha = 0;              ///< θ ← θ − α x
  ConjugateGradientsResult solved;
};

/// What npg and trpo share: a critic and its fit, a policy without an optimiser, metrics of its one step.
template <class T>
class NaturalLearner : public ActorCritic<T> {
 protected:
  NaturalLearner(const TrainSettings& settings, const Spec& spec, const Registry* environments);
  /// The rollout's learning rows and Ψ; π_old is the policy as it is.
  void bind_policy(int threads);
  void report_step(const NaturalStep& step, Metrics& metrics);

  NaturalPolicy<T> natural_;
};

}  // namespace pigrad
