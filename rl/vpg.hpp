#pragma once
#include "actor_critic.hpp"

namespace pigrad {

/// Vanilla policy gradient with a learnt baseline (Sutton et al. 2000; REINFORCE with baseline, Sutton and Barto 2018,
/// section 13.4, over batches):
///
///     for each epoch:
///       collect whole episodes with π_θ
///       R_t ← return-to-go, or n rewards and γⁿ b_φ(s_{t+n}, t+n)
///       k times: φ ← φ − β ∇_φ Σ_t ( R_t − b_φ(s_t, t) )² / episodes
///       Ψ_t ← R_t − b_φ(s_t, t), normalised
///       θ ← θ + α ∇_θ Σ_t ln π_θ(a_t|s_t) Ψ_t
///
/// The baseline's clock is critic.time, its targets critic.target and critic.gradient, the sums .loss_reduction, and
/// advantage.values says whether Ψ sees the baseline before or after its fit.
template <class T>
class Vpg final : public ActorCritic<T> {
 public:
  /// The environment is somebody else's: act, observe, update.
  Vpg(const TrainSettings& settings, const Spec& spec) : Vpg(settings, spec, nullptr) {}
  /// settings.environment from the registry, which outlives this.
  Vpg(const TrainSettings& settings, const Registry& environments)
      : Vpg(settings, environments.spec(settings.environment), &environments) {}

 private:
  Vpg(const TrainSettings& settings, const Spec& spec, const Registry* environments);
  void improve(int threads, Metrics& metrics) override;
};

}  // namespace pigrad
