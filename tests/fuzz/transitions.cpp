#include <cmath>
#include <pigrad/app/environments.hpp>
#include <pigrad/app/grad/transitions.hpp>
#include <pigrad/app/recipes.hpp>
#include <pigrad/rl/a2c.hpp>

#include "input.hpp"

/// A table of transitions, by the first byte for a policy of choices or of numbers. What is accepted is a rollout whose
/// arrays fit together.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigrad;
  static const Registry environments = app::all_environments();
  static const A2c<double> choices(app::recipe_settings("a2c-cartpole", ""), environments);
  static const A2c<double> numbers(app::recipe_settings("a2c-pendulum", ""), environments);
  if (size == 0) return 0;
  const OnPolicy<double>& policy = data[0] % 2 == 0 ? choices : numbers;
  const pigrad_fuzz::MemoryFile file(data + 1, size - 1);
  try {
    const app::Transitions read = app::read_transitions(file.path(), policy, 1);
    const auto rows = static_cast<std::size_t>(read.rollout.rows());
    if (rows == 0 || read.rollout.reward.size() != rows || read.rollout.terminated.size() != rows) std::abort();
    for (const double reward : read.rollout.reward)
      if (!std::isfinite(reward)) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
