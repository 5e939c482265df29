#pragma once
#include <doctest/doctest.h>

#include <pigrad/rl/state.hpp>
#include <string>
#include <vector>

#include "program.hpp"

namespace pigrad_test {

/// What a run is of, and the settings that make its policy special.
struct ExportCase {
  const char* recipe;
  Words settings;
  bool far = false;  ///< afterwards its normaliser has means of ten thousand deviations
};

inline const std::vector<ExportCase>& export_cases() {
  static const std::vector<ExportCase> all = {
      {"a2c-cartpole", {"epochs=2", "steps=400"}},
      {"a2c-cartpole", {"epochs=2", "steps=400", "policy.network.hidden=[]", "scalar=float64"}},
      {"a2c-cartpole", {"epochs=2", "steps=400", "policy.network.hidden=[7,33]", "policy.network.activation=elu"}},
      {"a2c-cartpole", {"epochs=2", "steps=400", "policy.network.activation=sigmoid"}},
      {"a2c-cartpole", {"epochs=2", "steps=400", "policy.network.activation=softplus"}},
      {"a2c-gaussian-pendulum", {"epochs=2", "policy.spread_is=log_variance"}},
      {"a2c-gaussian-pendulum", {"epochs=2", "policy.spread=state", "policy.network.activation=relu"}},
      {"a2c-gaussian-pendulum", {"epochs=2", "policy.spread=fixed", "policy.initial_spread=-0.7"}},
      {"ppo-pendulum", {"epochs=2", "observation.normalise=true", "observation.clip=1.5"}},
      {"ppo-pendulum", {"epochs=2", "observation.normalise=true"}, true}};
  return all;
}

/// Trains it into `run`.
inline Ended train_case(const Folder& folder, const ExportCase& c) {
  Words words = {"train", c.recipe, "--out", "run", "--threads", "1", "--quiet", "--set", "evaluate_episodes=1"};
  for (const std::string& setting : c.settings) words = words + Words{"--set", setting};
  const Ended ended = call(folder, words);
  if (c.far && ended.status == 0) {
    const std::string path = folder / "run/last.safetensors";
    pigrad::State state = pigrad::State::load(path);
    std::vector<double> moments = state.doubles("observation.moments");
    for (std::size_t f = 0; 3 * f < moments.size(); ++f) {
      moments[3 * f] = f % 2 == 0 ? 10000.0003 : -9999.9998;
      moments[3 * f + 1] = 1;
    }
    state.put("observation.moments", std::move(moments));
    state.save(path);
  }
  return ended;
}

/// Calls check(case, folder) for each, trained.
template <class Check>
void for_each_export(const Check& check) {
  for (const ExportCase& c : export_cases()) {
    CAPTURE(c.recipe);
    CAPTURE(c.settings.back());
    const Folder folder;
    const Ended trained = train_case(folder, c);
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
    check(c, folder);
  }
}

/// A tensor's numbers, none if it is not there.
inline std::vector<double> tensor_numbers(const pigrad::TensorFile& file, const std::string& name) {
  if (!file.contains(name)) return {};
  if (file.find(name).dtype == pigrad::Dtype::f64) return file.values<double>(name);
  const auto narrow = file.values<float>(name);
  return {narrow.begin(), narrow.end()};
}

}  // namespace pigrad_test
