#pragma once
#include "actor_critic.hpp"

namespace pigrad {

/// Advantage actor-critic with separate networks and generalised advantages (Mnih et al. 2016; Schulman et al. 2016):
///
///     for each epoch:
///       collect T×E steps with π_θ
///       V_t ← V_φ(s_t),  V'_t ← 0 | V_φ(final s) | V_φ(s_{t+1})          where terminated | truncated | else
///       R_t ← return-to-go with V' at cuts,  Â_t ← GAE(δ, λ), normalised
///       for each minibatch in order, k times: φ ← φ − β ∇_φ mean( V_φ(s_t) − R_t )²
///       for each minibatch in order: θ ← θ − α ∇_θ −mean( ln π_θ(a_t|s_t) Â_t )
///
/// What the critic fits and which V the advantages see are settings: see CriticFit and ActorCritic.
template <class T>
class A2c final : public ActorCritic<T> {
 public:
  /// The environment is somebody else's: act, observe, update.
  A2c(const TrainSettings& settings, const Spec& spec) : A2c(settings, spec, nullptr) {}
  /// settings.environment from the registry, which outlives this.
  A2c(const TrainSettings& settings, const Registry& environments)
      : A2c(settings, environments.spec(settings.environment), &environments) {}

 private:
  A2c(const TrainSettings& settings, const Spec& spec, const Registry* environments);
  void improve(int threads, Metrics& metrics) override;
};

}  // namespace pigrad
