#pragma once
#include <vector>

#include "estimates.hpp"
#include "learner.hpp"

namespace pigrad {

/// The critic's regression: what it is fitted to, by critic.target, .gradient and .scale, and the learner that fits.
///
/// | target | R_t |
/// |---|---|
/// | returns | G_t, return-to-go with V' at cuts |
/// | bellman | r_t + γ V'_t |
/// | n_step | Σ_{k<n} γᵏ r_{t+k} + γⁿ V'_{t+n−1}, shorter where the path is cut before |
/// | lambda | V_t + Â_t, generalised |
///
/// Frozen, R is found once an epoch. Else R_t = partial_t + factor_t·V(boot_t), boot_t the observation that the target
/// bootstraps from, and V is the critic's at each step.
template <class T>
class CriticFit {
 public:
  /// @param agent and settings outlive this
  CriticFit(Agent<T>& agent, const TrainSettings& settings);

  /// Finds the targets of a rollout and gives the learner its inputs.
  void aim(const Estimates<T>& estimates);
  /// R, or `partial`, [rows]: the learner's "weight".
  const std::vector<T>& target() const { return target_; }
  Learner<T>& learner() { return learner_; }
  const Learner<T>& learner() const { return learner_; }

 private:
  void find_frozen(const Estimates<T>& estimates);
  void find_moving(const Estimates<T>& estimates);

  const TrainSettings* settings_;
  Learner<T> learner_;
  std::vector<T> target_, factor_, boot_obs_, boot_time_;
};

}  // namespace pigrad
