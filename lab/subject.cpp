#include "subject.hpp"

#include <algorithm>
#include <cmath>

#include "curvature.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// What a reward is multiplied by before it is learnt from, statistics held still.
double reward_factor(const RewardSettings& settings, const State& state) {
  return settings.scale ? 1 / std::sqrt(state.doubles("reward.moments", 3)[1] + settings.epsilon) : 1;
}

}  // namespace

std::unique_ptr<OnPolicy<double>> opened(const TrainSettings& settings, const State& state,
                                         const Registry& environments) {
  TrainSettings wide = settings;
  wide.scalar = "float64";
  std::unique_ptr<Algorithm> algorithm = make_algorithm(wide, environments);
  auto* subject = dynamic_cast<OnPolicy<double>*>(algorithm.get());
  require(subject != nullptr, "algorithm", "it keeps no rollout to look at", "use one of `pigrad list algorithms`");
  subject->load(state.widened());
  algorithm.release();
  return std::unique_ptr<OnPolicy<double>>(subject);
}

EpisodeRows episode_rows(const Algorithm& acting, const OnPolicy<double>& subject, const State& state, int index,
                         std::uint64_t seed) {
  const Agent<double>& agent = subject.agent();
  const int features = agent.observation_size(), dimensions = agent.action_size();
  std::vector<std::vector<double>> observations, actions;
  std::vector<double> rewards;
  bool terminated = false, truncated = false;
  Watch watch;
  watch.episodes = index + 1;
  watch.greedy = false;
  watch.seed = seed;
  watch.see = [&](const Moment& moment) {
    if (moment.episode != index) return true;
    observations.push_back(*moment.observation);
    if (moment.step == 0) return true;
    actions.push_back(*moment.action);
    rewards.push_back(moment.reward);
    terminated = moment.terminated, truncated = moment.truncated;
    return !terminated && !truncated;
  };
  acting.watch(watch);

  EpisodeRows episode;
  const int rows = static_cast<int>(rewards.size());
  Rollout<double>& r = episode.rollout;
  r.resize(rows, 1, features, dimensions);
  const RewardSettings& scaling = subject.settings().reward;
  const double factor = reward_factor(scaling, state);
  std::vector<double> raw(at(features) * at(rows + 1)), seen(raw.size());
  for (int t = 0; t <= rows; ++t)
    for (int f = 0; f < features; ++f) raw[at(f * (rows + 1) + t)] = observations[at(t)][at(f)];
  seen = raw;
  if (agent.normaliser()) agent.normaliser()->apply(rows + 1, raw.data(), rows + 1, seen.data(), rows + 1);
  episode.raw_observation.resize(at(features) * at(rows));
  for (int f = 0; f < features; ++f) {
    const auto from = at(f * (rows + 1)), to = at(f * rows);
    std::copy_n(seen.begin() + static_cast<std::ptrdiff_t>(from), rows,
                r.obs.begin() + static_cast<std::ptrdiff_t>(to));
    std::copy_n(raw.begin() + static_cast<std::ptrdiff_t>(from), rows,
                episode.raw_observation.begin() + static_cast<std::ptrdiff_t>(to));
    r.edge_obs[at(f)] = seen[from + at(rows)];
    r.final_obs[to + at(rows - 1)] = seen[from + at(rows)];
  }
  for (int t = 0; t < rows; ++t) {
    if (dimensions == 0) r.index[at(t)] = static_cast<std::int32_t>(actions[at(t)][0]);
    for (int d = 0; d < dimensions; ++d) r.action[at(d * rows + t)] = actions[at(t)][at(d)];
    const double learnt = rewards[at(t)] * factor;
    r.reward[at(t)] = scaling.clip > 0 ? std::clamp(learnt, -scaling.clip, scaling.clip) : learnt;
    episode.total += rewards[at(t)];
  }
  r.terminated[at(rows - 1)] = terminated;
  r.truncated[at(rows - 1)] = truncated && !terminated;
  episode.raw_reward = std::move(rewards);
  find_log_probs(subject, r);
  return episode;
}

void find_log_probs(const OnPolicy<double>& subject, Rollout<double>& r) {
  const Program program = score_program(subject.agent());
  Workspace<double> workspace(program);
  Bindings<double> bindings(program);
  const std::vector<double> ones(at(r.rows()), 1);
  bindings.parameters(subject.agent().parameters().data());
  bindings.rows(r.rows());
  bindings.input("obs", r.obs.data(), r.rows());
  bindings.input("weight", ones.data(), r.rows());
  if (r.action_size == 0)
    bindings.index("action", r.index.data());
  else
    bindings.input("action", r.action.data(), r.rows());
  bindings.output("log_prob", r.log_prob.data(), r.rows());
  workspace.run(bindings, Sink<double>::none());
}

}  // namespace pigrad
