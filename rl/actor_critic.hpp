#pragma once
#include "critic_fit.hpp"
#include "on_policy.hpp"

namespace pigrad {

/// What algorithms with a policy and a critic apart share. Which critic Ψ sees is advantage.values:
///
///     rollout:    Ψ ← by V_φ;  φ ← fit;  θ ← step
///     refitted:   φ ← fit;  Ψ ← by the new V_φ;  θ ← step
///     last_step:  φ ← all of the fit's steps but one;  Ψ ← by V_φ;  φ ← the last one;  θ ← step
///
/// The networks share nothing, so the order of the two fits alone changes no bit.
template <class T>
class ActorCritic : public OnPolicy<T> {
 public:
  std::vector<Descent<T>> descents() const override;

 protected:
  /// @param with_optimiser false: the policy has no optimiser, and the algorithm moves it itself
  ActorCritic(const TrainSettings& settings, const Spec& spec, const Registry* environments,
              bool with_optimiser = true);
  void estimate(int threads) override;
  /// Targets, then the critic's steps, and Ψ where advantage.values puts it after them or before the last.
  void fit_critic(int threads, Metrics& metrics);
  /// The policy's steps along Ψ.
  void fit_policy(int threads, Metrics& metrics);

 private:
  std::unique_ptr<Learner<T>> policy_;
  CriticFit<T> critic_fit_;
};

}  // namespace pigrad
