#include "evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../core/parallel.hpp"

namespace pigrad {

template <class T>
Evaluation evaluate(const Agent<T>& agent, const Registry& environments, const std::string& environment, int episodes,
                    bool greedy, std::uint64_t seed, int threads) {
  if (episodes < 1) throw Error("evaluate", std::to_string(episodes) + " episodes", "give at least 1");
  EnvOptions options;
  options.autoreset = Autoreset::disabled;
  options.purpose = Purpose::evaluate;
  const auto env = environments.make<T>(environment, episodes, seed, options);
  if (env->spec().max_steps < 1)
    throw Error("evaluate", environment + " has no time limit", "evaluate environments whose episodes end");
  const int features = agent.observation_size(), dimensions = agent.action_size();
  const auto n = static_cast<std::size_t>(episodes);
  std::vector<T> obs(n * static_cast<std::size_t>(features)), action(n * static_cast<std::size_t>(dimensions)),
      reward(n);
  std::vector<std::int32_t> index(n), length(n);
  std::vector<std::uint8_t> terminated(n), truncated(n), valid(n);
  std::vector<double> total(n);
  env->reset(obs.data(), episodes);
  const Random random(seed, Purpose::evaluate);
  const int shards = std::max(1, std::min(threads, episodes / std::min(16, env->copies_a_thread())));
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
    for (int t = 0; t < env->spec().max_steps; ++t) {
      T* act = dimensions ? action.data() + begin : nullptr;
      if (greedy)
        actor.mode(end - begin, obs.data() + begin, episodes, index.data() + begin, act, episodes);
      else
        actor.sample(end - begin, obs.data() + begin, episodes, random, static_cast<std::uint32_t>(begin),
                     first_counter + static_cast<std::uint64_t>(t), index.data() + begin, act, episodes, nullptr);
      env->step_range(begin, end,
                      dimensions ? Actions<T>::box(action.data(), episodes) : Actions<T>::discrete(index.data()), out);
      bool running = false;
      for (int e = begin; e < end; ++e)
        running = running || !(terminated[static_cast<std::size_t>(e)] || truncated[static_cast<std::size_t>(e)]);
      if (!running) break;
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

template Evaluation evaluate(const Agent<float>&, const Registry&, const std::string&, int, bool, std::uint64_t, int);
template Evaluation evaluate(const Agent<double>&, const Registry&, const std::string&, int, bool, std::uint64_t, int);

}  // namespace pigrad
