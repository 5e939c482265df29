#include "trace.hpp"

#include <cmath>
#include <cstdio>

#include "../core/error.hpp"

namespace pigrad {
namespace {

std::int32_t index_of(double action, std::size_t step, const Space& space) {
  if (!(action >= 0 && action < space.n && action == std::floor(action))) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", action);
    throw Error(
        "trace",
        "action " + std::string(text) + " of step " + std::to_string(step + 1) + " is not in " + space.describe(),
        "give whole numbers from 0 to " + std::to_string(space.n - 1));
  }
  return static_cast<std::int32_t>(action);
}

}  // namespace

Trace trace(const Registry& registry, const std::string& name, const std::vector<double>& state,
            const std::vector<double>& actions, std::uint64_t seed) {
  EnvOptions options;
  options.autoreset = Autoreset::disabled;
  auto env = registry.make<double>(name, 1, seed, options);
  if (!state.empty()) env->set_state(0, state);

  const Space& space = env->spec().action;
  const auto width = static_cast<std::size_t>(space.size());
  if (actions.size() % width != 0)
    throw Error("trace", std::to_string(actions.size()) + " action values for " + space.describe(),
                "give " + std::to_string(width) + " a step");
  if (space.is_discrete())
    for (std::size_t t = 0; t < actions.size(); ++t) index_of(actions[t], t, space);

  Trace result;
  std::vector<double> obs(static_cast<std::size_t>(env->observation_size()));
  env->observe(obs.data(), 1);
  result.start = env->get_state(0);
  result.observed = obs;
  for (std::size_t t = 0; t < actions.size() / width; ++t) {
    const std::int32_t index = space.is_discrete() ? index_of(actions[t], t, space) : 0;
    const auto chosen =
        space.is_discrete() ? Actions<double>::discrete(&index) : Actions<double>::box(actions.data() + t * width, 1);
    double reward;
    std::uint8_t terminated, truncated;
    StepBuffers<double> out;
    out.obs = obs.data();
    out.obs_ld = 1;
    out.reward = &reward;
    out.terminated = &terminated;
    out.truncated = &truncated;
    env->step(1, chosen, out);
    result.steps.push_back({obs, reward, terminated != 0, truncated != 0});
    if (terminated || truncated) break;
  }
  return result;
}

}  // namespace pigrad
