#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <pigrad/app/recipes.hpp>
#include <pigrad/cuda/algorithm.hpp>
#include <pigrad/env/registry.hpp>

#include "cuda_device.hpp"

using namespace pigrad;

namespace {

std::vector<double> parameters_of(const Algorithm& algorithm) {
  State state;
  algorithm.save(state);
  std::vector<double> all;
  for (const Segment& s : algorithm.layout().segments()) {
    const auto& values = state.reals<double>(s.name, s.size());
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

}  // namespace

TEST_CASE("an epoch of every recipe is the processor's, but for MuJoCo's tasks and natural gradients") {
  if (no_device()) return;
  const Registry registry = Registry::builtin();
  int trained = 0;
  for (const app::Recipe& recipe : app::recipes()) {
    TrainSettings settings = app::recipe_settings(recipe.name, "");
    const auto names = registry.names();
    if (std::find(names.begin(), names.end(), settings.environment) == names.end()) continue;
    if (settings.algorithm == "npg" || settings.algorithm == "trpo") continue;
    CAPTURE(recipe.name);
    settings.scalar = "float64";
    settings.rollouts = std::min(settings.rollouts, 2);
    settings.ppo.passes = std::min(settings.ppo.passes, 2);
    settings.copies = std::min(settings.copies, 4);
    settings.episodes = std::min(settings.episodes, 6);
    settings.steps = std::min(settings.steps, 300);
    settings.minibatch = std::min({settings.minibatch, 200, settings.steps * settings.copies});
    const auto host = make_algorithm(settings, registry), device = make_device_algorithm(settings, registry);
    host->epoch(1);
    device->epoch(1);
    const auto a = parameters_of(*device), b = parameters_of(*host);
    double largest = 0, worst = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      largest = std::max(largest, std::abs(b[i]));
      worst = std::max(worst, std::abs(a[i] - b[i]));
    }
    CHECK(worst / largest < 1e-8);
    ++trained;
  }
  CHECK(trained >= 14);
}
