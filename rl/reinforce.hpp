#pragma once
#include "on_policy.hpp"

namespace pigrad {

/// REINFORCE (Williams 1992) over batches of steps:
///
///     for each epoch:
///       collect T×E steps with π_θ
///       Ψ_t ← return-to-go G_t (or any estimator without a critic)
///       for each minibatch in order: θ ← θ − α ∇_θ −mean( ln π_θ(a_t|s_t) Ψ_t )
template <class T>
class Reinforce final : public OnPolicy<T> {
 public:
  /// The environment is somebody else's: act, observe, update.
  Reinforce(const TrainSettings& settings, const Spec& spec) : Reinforce(settings, spec, nullptr) {}
  /// settings.environment from the registry, which outlives this.
  Reinforce(const TrainSettings& settings, const Registry& environments)
      : Reinforce(settings, environments.spec(settings.environment), &environments) {}

 private:
  Reinforce(const TrainSettings& settings, const Spec& spec, const Registry* environments);
  void estimate(int threads) override { this->find_advantages(threads); }
  void improve(int threads, Metrics& metrics) override;

  Learner<T> policy_;
};

}  // namespace pigrad
