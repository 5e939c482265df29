#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "registry.hpp"

namespace pigrad {

/// Drives an environment with random actions into buffers of its own: what the conformance checks look through. Those
/// in a box go beyond its bounds by a quarter of it, as a Gaussian policy's do. The action of copy c at step t depends
/// on (c, t) only.
template <class T>
class Probe {
 public:
  Probe(const Registry& registry, const std::string& name, int count, std::uint64_t seed,
        Autoreset mode = Autoreset::same_step, int max_steps = -1)
      : env(make(registry, name, count, seed, mode, max_steps)),
        copies(static_cast<std::size_t>(count)),
        features(static_cast<std::size_t>(env->observation_size())),
        obs(features * copies),
        final_obs(features * copies),
        reward(copies),
        panel(static_cast<std::size_t>(env->spec().action.size()) * copies),
        index(copies),
        terminated(copies),
        truncated(copies),
        valid(copies),
        episode_return(copies),
        episode_length(copies) {
    env->observe(obs.data(), ld());
  }

  std::ptrdiff_t ld() const { return static_cast<std::ptrdiff_t>(copies); }
  T obs_at(std::size_t feature, std::size_t copy) const { return obs[feature * copies + copy]; }
  T final_at(std::size_t feature, std::size_t copy) const { return final_obs[feature * copies + copy]; }
  bool ended(std::size_t copy) const { return terminated[copy] || truncated[copy]; }

  /// Actions for step t; `first` is the number of copy 0, for a probe of one copy of many.
  void choose(std::uint64_t t, std::uint32_t first = 0) {
    const Random random(99, Purpose::test);
    const Space& space = env->spec().action;
    for (std::size_t c = 0; c < copies; ++c) {
      const auto copy = first + static_cast<std::uint32_t>(c);
      if (space.is_discrete()) {
        index[c] = Draws(random, copy, t).below(0, space.n);
        continue;
      }
      for (std::size_t a = 0; a < space.low.size(); ++a) {
        const double low = space.low[a] < -1e6 ? -1 : space.low[a], high = space.high[a] > 1e6 ? 1 : space.high[a];
        const double beyond = (high - low) / 4;
        const double value = Draws(random, copy, t).between(static_cast<int>(a), low - beyond, high + beyond);
        panel[a * copies + c] = static_cast<T>(value);
      }
    }
  }

  Actions<T> actions() const {
    return env->spec().action.is_discrete() ? Actions<T>::discrete(index.data()) : Actions<T>::box(panel.data(), ld());
  }

  StepBuffers<T> buffers() {
    StepBuffers<T> out;
    out.obs = obs.data();
    out.final_obs = final_obs.data();
    out.obs_ld = out.final_ld = ld();
    out.reward = reward.data();
    out.terminated = terminated.data();
    out.truncated = truncated.data();
    out.valid = valid.data();
    out.episode_return = episode_return.data();
    out.episode_length = episode_length.data();
    return out;
  }

  void step(std::uint64_t t, int threads = 1) {
    choose(t);
    env->step(threads, actions(), buffers());
  }

  std::unique_ptr<VectorEnv<T>> env;
  std::size_t copies, features;
  std::vector<T> obs, final_obs, reward, panel;
  std::vector<std::int32_t> index;
  std::vector<std::uint8_t> terminated, truncated, valid;
  std::vector<double> episode_return;
  std::vector<std::int32_t> episode_length;

 private:
  static std::unique_ptr<VectorEnv<T>> make(const Registry& registry, const std::string& name, int copies,
                                            std::uint64_t seed, Autoreset mode, int max_steps) {
    EnvOptions options;
    options.autoreset = mode;
    options.max_steps = max_steps;
    return registry.make<T>(name, copies, seed, options);
  }
};

}  // namespace pigrad
