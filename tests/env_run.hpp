#pragma once
#include <functional>
#include <memory>
#include <pigrad/core/error.hpp>
#include <pigrad/env/registry.hpp>
#include <string>
#include <vector>

namespace pigrad {

/// Copies of a library environment in double, with every buffer that a step can fill.
struct Run {
  Run(const std::string& name, int n, EnvOptions options = {}, std::uint64_t seed = 1)
      : env(Registry::builtin().make<double>(name, n, seed, options)),
        copies(static_cast<std::size_t>(n)),
        obs(static_cast<std::size_t>(env->observation_size()) * copies),
        final_obs(obs.size(), -7),
        reward(copies),
        box(static_cast<std::size_t>(env->spec().action.size()) * copies),
        index(copies),
        terminated(copies),
        truncated(copies),
        valid(copies),
        episode_return(copies, -7),
        episode_length(copies, -7) {}
  StepBuffers<double> out() {
    const auto ld = static_cast<std::ptrdiff_t>(copies);
    return {obs.data(),       ld, reward.data(), terminated.data(),     truncated.data(),
            final_obs.data(), ld, valid.data(),  episode_return.data(), episode_length.data()};
  }
  void step(int threads = 1) {
    const bool discrete = env->spec().action.is_discrete();
    env->step(threads,
              discrete ? Actions<double>::discrete(index.data())
                       : Actions<double>::box(box.data(), static_cast<std::ptrdiff_t>(copies)),
              out());
  }
  std::unique_ptr<VectorEnv<double>> env;
  std::size_t copies;
  std::vector<double> obs, final_obs, reward, box;
  std::vector<std::int32_t> index;
  std::vector<std::uint8_t> terminated, truncated, valid;
  std::vector<double> episode_return;
  std::vector<std::int32_t> episode_length;
};

inline EnvOptions mode(Autoreset autoreset, int max_steps = -1) {
  EnvOptions options;
  options.autoreset = autoreset;
  options.max_steps = max_steps;
  return options;
}

inline std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace pigrad
