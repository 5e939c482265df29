#pragma once
#include "joint_learner.hpp"
#include "on_policy.hpp"

namespace pigrad {

/// Advantage actor-critic as one loss (Mnih et al. 2016, without its asynchronous workers), what Stable-Baselines3
/// calls A2C:
///
///     for each epoch:
///       collect T×E steps with π_θ
///       V_t ← V_φ(s_t),  Â_t ← GAE(δ, λ),  R_t ← Â_t + V_t
///       L ← −mean( ln π_θ(a|s) Â ) + c_v mean (V_φ(s) − R)² − c_h mean H
///       θ, φ ← θ, φ − α ∇L, the gradient's norm clipped: one step on the whole rollout
///
/// Its choices are critic.coefficient, critic.kind, policy.entropy_bonus and policy.optimiser.
template <class T>
class A2cJoint final : public OnPolicy<T> {
 public:
  /// The environment is somebody else's: act, observe, update.
  A2cJoint(const TrainSettings& settings, const Spec& spec) : A2cJoint(settings, spec, nullptr) {}
  /// settings.environment from the registry, which outlives this.
  A2cJoint(const TrainSettings& settings, const Registry& environments)
      : A2cJoint(settings, environments.spec(settings.environment), &environments) {}

  std::vector<Descent<T>> descents() const override {
    return {{Descent<T>::Of::both, &learner_.program(), learner_.movers()}};
  }

 private:
  A2cJoint(const TrainSettings& settings, const Spec& spec, const Registry* environments);
  void estimate(int threads) override;
  void improve(int threads, Metrics& metrics) override;

  JointLearner<T> learner_;
  std::vector<T> target_;
};

}  // namespace pigrad
