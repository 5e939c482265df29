#pragma once
#include "agent.hpp"

namespace pigrad {

/// Losses of a policy and its critic in one program, so that one gradient and one optimiser serve both. Inputs: "obs",
/// "action", "weight" (Â), "target" (what V is fitted to). Fixed outputs: "policy" (the surrogate's loss), "value"
/// (mean squared error), "entropy" (mean H) and, of box actions, "std" (mean σ). Row-local.

/// L = −mean(ln π(a|s) Â) + c_v mean (V − R)² − c_h mean H (Mnih et al. 2016), as one loss.
template <class T>
Program a2c_loss(const Agent<T>& agent, const TrainSettings& settings);

/// L = −mean min(ρÂ, clip(ρ, 1−ε, 1+ε)Â) + c_v · value loss − c_h mean H with ρ = π/π_old (Schulman et al. 2017, eq. 7
/// and 9). At ρ = 1 both arms of min are equal and their gradient is the plain policy gradient, bit for bit.
/// Further inputs: "log_prob" (ln π_old), the fixed "clip" (ε); "advantage_mean" and "advantage_scale", with which Â is
/// (weight − mean)/scale, where ppo.advantages is minibatch and advantage.normalise on; "value" (V before the update)
/// and the fixed "value_clip" where ppo.value_clip is above 0. Further outputs: "approx_kl" = mean((ρ−1) − ln ρ),
/// "clip_fraction" = the share of rows with |ρ−1| > ε.
template <class T>
Program ppo_loss(const Agent<T>& agent, const TrainSettings& settings);

/// Settings that these losses can serve. Throws Error for those that only algorithms with a loss for each network read.
const TrainSettings& checked_joint(const TrainSettings& settings);

/// Whether ppo_loss normalises Â by statistics of each minibatch.
bool normalises_minibatches(const TrainSettings& settings);

}  // namespace pigrad
