#pragma once
#include "on_policy.hpp"

namespace pigrad {

/// REINFORCE (Williams 1992) over batches of steps, or of whole episodes:
///
///     for each epoch:
///       collect T×E steps, or episodes, with π_θ
///       Ψ_t ← return-to-go G_t (or any estimator without a critic)
///       for each minibatch in order: θ ← θ − α ∇_θ −mean( ln π_θ(a_t|s_t) Ψ_t )
///
/// One episode an epoch and minibatches of one row are Sutton and Barto's form (2018, section 13.3), the policy
/// evaluated anew at each step of the episode; advantage.discount_time is its γᵗ.
template <class T>
class Reinforce final : public OnPolicy<T> {
 public:
  /// The environment is somebody else's: act, observe, update.
  Reinforce(const TrainSettings& settings, const Spec& spec) : Reinforce(settings, spec, nullptr) {}
  /// settings.environment from the registry, which outlives this.
  Reinforce(const TrainSettings& settings, const Registry& environments)
      : Reinforce(settings, environments.spec(settings.environment), &environments) {}

  std::vector<Descent<T>> descents() const override {
    return {
        {Descent<T>::Of::policy, &policy_.program(), {{"policy_optimiser", &policy_.optimiser(), policy_.choice()}}}};
  }

 private:
  Reinforce(const TrainSettings& settings, const Spec& spec, const Registry* environments);
  void estimate(int threads) override { this->find_advantages(threads); }
  void improve(int threads, Metrics& metrics) override;

  Learner<T> policy_;
};

}  // namespace pigrad
