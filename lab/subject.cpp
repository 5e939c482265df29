#include "subject.hpp"

#include <algorithm>
#include <cmath>

#include "curvature.hpp"

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

double reward_factor(const RewardSettings& settings, const State& state) {
  return settings.scale ? 1 / std::sqrt(state.doubles("reward.moments", 3)[1] + settings.epsilon) : 1;
}

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

namespace {

/// An episode as it was seen, step by step.
struct Seen {
  std::vector<std::vector<double>> observations, actions;
  std::vector<double> rewards;
  bool terminated = false, truncated = false;
};

EpisodeRows rows_of(Seen seen_episode, const OnPolicy<double>& subject, const State& state) {
  const Agent<double>& agent = subject.agent();
  const int features = agent.observation_size(), dimensions = agent.action_size();
  EpisodeRows episode;
  const int rows = static_cast<int>(seen_episode.rewards.size());
  Rollout<double>& r = episode.rollout;
  r.resize(rows, 1, features, dimensions);
  const RewardSettings& scaling = subject.settings().reward;
  const double factor = reward_factor(scaling, state);
  std::vector<double> raw(at(features) * at(rows + 1)), seen(raw.size());
  for (int t = 0; t <= rows; ++t)
    for (int f = 0; f < features; ++f) raw[at(f * (rows + 1) + t)] = seen_episode.observations[at(t)][at(f)];
  seen = raw;
  if (agent.normaliser()) agent.normaliser()->apply(rows + 1, raw.data(), rows + 1, seen.data(), rows + 1);
  episode.raw_observation.resize(at(features) * at(rows));
  for (int f = 0; f < features; ++f) {
    const std::ptrdiff_t from = std::ptrdiff_t{f} * (rows + 1), to = std::ptrdiff_t{f} * rows;
    std::copy_n(seen.begin() + from, rows, r.obs.begin() + to);
    std::copy_n(raw.begin() + from, rows, episode.raw_observation.begin() + to);
    r.edge_obs[at(f)] = r.final_obs[at(f * rows + rows - 1)] = seen[at(f * (rows + 1) + rows)];
  }
  for (int t = 0; t < rows; ++t) {
    if (dimensions == 0) r.index[at(t)] = static_cast<std::int32_t>(seen_episode.actions[at(t)][0]);
    for (int d = 0; d < dimensions; ++d) r.action[at(d * rows + t)] = seen_episode.actions[at(t)][at(d)];
    const double learnt = seen_episode.rewards[at(t)] * factor;
    r.reward[at(t)] = scaling.clip > 0 ? std::clamp(learnt, -scaling.clip, scaling.clip) : learnt;
    episode.total += seen_episode.rewards[at(t)];
  }
  r.terminated[at(rows - 1)] = seen_episode.terminated;
  r.truncated[at(rows - 1)] = seen_episode.truncated && !seen_episode.terminated;
  episode.raw_reward = std::move(seen_episode.rewards);
  find_log_probs(subject, r);
  return episode;
}

/// Episodes [first, count) of an evaluation.
std::vector<EpisodeRows> watched(const Algorithm& acting, const OnPolicy<double>& subject, const State& state,
                                 int first, int count, std::uint64_t seed) {
  std::vector<Seen> seen(at(count - first));
  int running = count - first;
  Watch watch;
  watch.episodes = count;
  watch.greedy = false;
  watch.seed = seed;
  watch.see = [&](const Moment& moment) {
    if (moment.episode < first) return true;
    Seen& one = seen[at(moment.episode - first)];
    if (one.terminated || one.truncated) return true;
    one.observations.push_back(*moment.observation);
    if (moment.step == 0) return true;
    one.actions.push_back(*moment.action);
    one.rewards.push_back(moment.reward);
    one.terminated = moment.terminated, one.truncated = moment.truncated;
    running -= one.terminated || one.truncated;
    return running > 0;
  };
  acting.watch(watch);
  std::vector<EpisodeRows> all;
  for (Seen& one : seen) all.push_back(rows_of(std::move(one), subject, state));
  return all;
}

}  // namespace

EpisodeRows episode_rows(const Algorithm& acting, const OnPolicy<double>& subject, const State& state, int index,
                         std::uint64_t seed) {
  return watched(acting, subject, state, index, index + 1, seed).front();
}

std::vector<EpisodeRows> episodes_rows(const Algorithm& acting, const OnPolicy<double>& subject, const State& state,
                                       int count, std::uint64_t seed) {
  return watched(acting, subject, state, 0, count, seed);
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

Rollout<double> joined(const std::vector<EpisodeRows>& episodes, int features, int dimensions) {
  int rows = 0;
  for (const EpisodeRows& e : episodes) rows += e.rollout.rows();
  Rollout<double> all;
  all.resize(rows, 1, features, dimensions);
  int begin = 0;
  for (const EpisodeRows& e : episodes) {
    const Rollout<double>& r = e.rollout;
    const int n = r.rows();
    const auto panel = [&](const std::vector<double>& from, std::vector<double>& to, int columns) {
      for (int c = 0; c < columns; ++c)
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(c) * n, n,
                    to.begin() + static_cast<std::ptrdiff_t>(c) * rows + begin);
    };
    panel(r.obs, all.obs, features);
    panel(r.final_obs, all.final_obs, features);
    panel(r.action, all.action, dimensions);
    panel(r.reward, all.reward, 1);
    panel(r.log_prob, all.log_prob, 1);
    if (dimensions == 0) std::copy(r.index.begin(), r.index.end(), all.index.begin() + begin);
    std::copy(r.terminated.begin(), r.terminated.end(), all.terminated.begin() + begin);
    std::copy(r.truncated.begin(), r.truncated.end(), all.truncated.begin() + begin);
    begin += n;
  }
  return all;
}

}  // namespace pigrad
