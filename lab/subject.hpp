#pragma once
#include <memory>
#include <vector>

#include "../rl/on_policy.hpp"

namespace pigrad {

/// A run in double precision, as it was when `state` was saved, whatever its own scalar: to look at its gradients, and
/// to try steps on. Throws Error if the state does not fit the settings, or the algorithm keeps no rollouts.
std::unique_ptr<OnPolicy<double>> opened(const TrainSettings& settings, const State& state,
                                         const Registry& environments);

/// One episode as its rows: a rollout of one copy. Observations are as the policy sees them, rewards as they are learnt
/// from; `raw` holds both as the environment gave them.
struct EpisodeRows {
  Rollout<double> rollout;
  std::vector<double> raw_observation;  ///< [features × rows]
  std::vector<double> raw_reward;       ///< [rows]
  double total = 0;                     ///< Σ raw reward
};

/// Episode `index` of those that an evaluation of `seed` plays with sampled actions: what `pigrad play --sampled`
/// shows.
/// @param acting whose policy acts, in its own scalar; `subject` is the same run opened, `state` its checkpoint
/// Throws Error if the environment has no time limit and an episode goes on and on.
EpisodeRows episode_rows(const Algorithm& acting, const OnPolicy<double>& subject, const State& state, int index,
                         std::uint64_t seed);

/// The first `count` of them.
std::vector<EpisodeRows> episodes_rows(const Algorithm& acting, const OnPolicy<double>& subject, const State& state,
                                       int count, std::uint64_t seed);

/// Episodes one after another, as one rollout of one copy.
/// @param features,dimensions of an observation and of a box action
Rollout<double> joined(const std::vector<EpisodeRows>& episodes, int features, int dimensions);

/// What a run multiplies a reward by before it learns from it, its statistics held still.
double reward_factor(const RewardSettings& settings, const State& state);

/// ln π(a|s) of every row by the subject's policy, written to rollout.log_prob.
void find_log_probs(const OnPolicy<double>& subject, Rollout<double>& rollout);

}  // namespace pigrad
