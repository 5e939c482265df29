#pragma once
#include "joint_learner.hpp"
#include "on_policy.hpp"
#include "shuffle.hpp"

namespace pigrad {

/// Proximal policy optimisation with a clipped surrogate (Schulman et al. 2017, algorithm 1):
///
///     for each epoch:
///       collect T×E steps with π_old = π_θ
///       V_t ← V_φ(s_t),  Â_t ← GAE(δ, λ),  R_t ← Â_t + V_t
///       for K passes, for each minibatch of a shuffled rollout:
///         ρ ← π_θ(a|s)/π_old(a|s),  Â ← normalised over the minibatch
///         L ← −mean min(ρÂ, clip(ρ, 1−ε, 1+ε)Â) + c_v mean (V_φ(s) − R)² − c_h mean H
///         stop if mean((ρ−1) − ln ρ) > 1.5 target_kl
///         θ, φ ← θ, φ − α ∇L, the gradient's norm clipped
///
/// Its choices are ppo.*, critic.coefficient, critic.kind, policy.entropy_bonus and policy.optimiser.
template <class T>
class Ppo final : public OnPolicy<T> {
 public:
  /// The environment is somebody else's: act, observe, update.
  Ppo(const TrainSettings& settings, const Spec& spec) : Ppo(settings, spec, nullptr) {}
  /// settings.environment from the registry, which outlives this.
  Ppo(const TrainSettings& settings, const Registry& environments)
      : Ppo(settings, environments.spec(settings.environment), &environments) {}

  /// What V was fitted to in the last epoch, Â + V [rows].
  const std::vector<T>& targets() const { return target_; }
  std::vector<Descent<T>> descents() const override;
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  Ppo(const TrainSettings& settings, const Spec& spec, const Registry* environments);
  void estimate(int threads) override;
  void improve(int threads, Metrics& metrics) override;

  const std::int32_t* order_of(int pass);
  void bind(const std::int32_t* order, int begin, int count);

  JointLearner<T> learner_;
  Schedule clip_schedule_;
  std::vector<T> target_;
  Shuffler shuffle_;
  std::vector<std::int32_t> shuffled_;
  std::int64_t passes_done_ = 0;
};

}  // namespace pigrad
