#include "evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "../core/parallel.hpp"

namespace pigrad {
namespace {

/// Tells a watcher of the copies' steps.
template <class T>
class Telling {
 public:
  Telling(const Watch& watch, const VectorEnv<T>& env, int dimensions)
      : watch_(watch),
        env_(env),
        dimensions_(dimensions),
        totals_(static_cast<std::size_t>(env.copies())),
        panel_(static_cast<std::size_t>(env.observation_size()) * totals_.size()),
        observation_(static_cast<std::size_t>(env.observation_size())) {}

  bool start() {
    for (int e = 0; e < env_.copies(); ++e)
      if (!tell(e, {.episode = e})) return false;
    return true;
  }

  bool step(int t, const StepBuffers<T>& out, const std::int32_t* index, const T* action) {
    for (int e = 0; e < env_.copies(); ++e) {
      const auto i = static_cast<std::size_t>(e);
      if (out.valid[i] == 0) continue;
      action_.assign(1, static_cast<double>(index[i]));
      if (dimensions_ > 0) action_.resize(static_cast<std::size_t>(dimensions_));
      for (int a = 0; a < dimensions_; ++a)
        action_[static_cast<std::size_t>(a)] = static_cast<double>(action[a * env_.copies() + e]);
      totals_[i] += static_cast<double>(out.reward[i]);
      Moment moment{.episode = e, .step = t + 1, .reward = static_cast<double>(out.reward[i]), .total = totals_[i]};
      moment.terminated = out.terminated[i] != 0;
      moment.truncated = out.truncated[i] != 0;
      if (!tell(e, moment)) return false;
    }
    return true;
  }

 private:
  bool tell(int e, Moment moment) {
    env_.observe_range(e, e + 1, panel_.data(), env_.copies());
    for (std::size_t f = 0; f < observation_.size(); ++f)
      observation_[f] = static_cast<double>(panel_[f * totals_.size() + static_cast<std::size_t>(e)]);
    state_ = env_.get_state(e);
    moment.state = &state_;
    moment.observation = &observation_;
    moment.action = &action_;
    return watch_.see(moment);
  }

  const Watch& watch_;
  const VectorEnv<T>& env_;
  int dimensions_;
  std::vector<double> totals_;
  std::vector<T> panel_;
  std::vector<double> observation_, state_, action_;
};

}  // namespace

template <class T>
Evaluation evaluate(const Agent<T>& agent, const Registry& environments, const std::string& environment, int episodes,
                    bool greedy, std::uint64_t seed, int threads, const Watch* watch) {
  if (episodes < 1) throw Error("evaluate", std::to_string(episodes) + " episodes", "give at least 1");
  EnvOptions options;
  options.autoreset = Autoreset::disabled;
  options.purpose = Purpose::evaluate;
  const auto env = environments.make<T>(environment, episodes, seed, options);
  const int own = env->spec().max_steps, watched = watch ? watch->most_steps : 0;
  const bool limited = own > 0 || watched > 0;
  const int limit = own > 0 && watched > 0 ? std::min(own, watched)
                    : limited              ? std::max(own, watched)
                                           : endless_episode;
  const int features = agent.observation_size(), dimensions = agent.action_size();
  const auto n = static_cast<std::size_t>(episodes);
  std::vector<T> obs(n * static_cast<std::size_t>(features)), action(n * static_cast<std::size_t>(dimensions)),
      reward(n), normalised(agent.normaliser() ? obs.size() : 0);
  std::vector<std::int32_t> index(n), length(n);
  std::vector<std::uint8_t> terminated(n), truncated(n), valid(n);
  std::vector<double> total(n);
  env->reset(obs.data(), episodes);
  const Random random(seed, Purpose::evaluate);
  const int shards = watch ? 1 : std::max(1, std::min(threads, episodes / std::min(16, env->copies_a_thread())));
  parallel_for(shards, shards, [&](int shard, int) {
    const int begin = episodes * shard / shards, end = episodes * (shard + 1) / shards;
    Actor<T> actor(agent);
    StepBuffers<T> out;
    out.obs = obs.data();
    out.obs_ld = episodes;
    out.reward = reward.data();
    out.terminated = terminated.data();
    out.truncated = truncated.data();
    out.valid = valid.data();
    out.episode_return = total.data();
    out.episode_length = length.data();
    const std::uint64_t first_counter = std::uint64_t{1} << 32;
    std::optional<Telling<T>> telling;
    if (watch) telling.emplace(*watch, *env, dimensions);
    if (telling && !telling->start()) return;
    for (int t = 0; t < limit; ++t) {
      T* act = dimensions ? action.data() + begin : nullptr;
      const T* seen = obs.data() + begin;
      if (const ObservationNormaliser* normaliser = agent.normaliser()) {
        normaliser->apply(end - begin, seen, episodes, normalised.data() + begin, episodes);
        seen = normalised.data() + begin;
      }
      if (greedy)
        actor.mode(end - begin, seen, episodes, index.data() + begin, act, episodes);
      else
        actor.sample(end - begin, seen, episodes, random, static_cast<std::uint32_t>(begin),
                     first_counter + static_cast<std::uint64_t>(t), index.data() + begin, act, episodes, nullptr);
      env->step_range(begin, end,
                      dimensions ? Actions<T>::box(action.data(), episodes) : Actions<T>::discrete(index.data()), out);
      if (telling && !telling->step(t, out, index.data(), action.data())) return;
      bool running = false;
      for (int e = begin; e < end; ++e)
        running = running || !(terminated[static_cast<std::size_t>(e)] || truncated[static_cast<std::size_t>(e)]);
      if (!running) break;
      if (!limited && t + 1 == limit)
        throw Error("evaluate",
                    environment + " has no time limit, and an episode passed " + std::to_string(limit) + " steps",
                    "give its Spec a max_steps");
    }
  });
  Evaluation result;
  result.episodes = episodes;
  result.least = std::numeric_limits<double>::infinity();
  result.most = -result.least;
  for (std::size_t i = 0; i < n; ++i) {
    result.mean += total[i];
    result.mean_length += length[i];
    result.least = std::min(result.least, total[i]);
    result.most = std::max(result.most, total[i]);
  }
  result.mean /= episodes;
  result.mean_length /= episodes;
  for (std::size_t i = 0; i < n; ++i) result.deviation += (total[i] - result.mean) * (total[i] - result.mean);
  result.deviation = std::sqrt(result.deviation / episodes);
  return result;
}

template Evaluation evaluate(const Agent<float>&, const Registry&, const std::string&, int, bool, std::uint64_t, int,
                             const Watch*);
template Evaluation evaluate(const Agent<double>&, const Registry&, const std::string&, int, bool, std::uint64_t, int,
                             const Watch*);

}  // namespace pigrad
