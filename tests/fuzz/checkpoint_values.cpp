#include <algorithm>
#include <cstring>
#include <pigrad/app/environments.hpp>
#include <pigrad/app/recipes.hpp>
#include <pigrad/app/run_folder.hpp>

#include "input.hpp"

namespace {

using namespace pigrad;

TrainSettings small(const std::string& recipe) {
  TrainSettings settings = app::recipe_settings(recipe, "");
  settings.epochs = 3;
  settings.copies = std::min(settings.copies, 2);
  settings.steps = 8;
  settings.minibatch = std::min(settings.minibatch, 4);
  settings.episodes = std::min(settings.episodes, 2);
  settings.whole_episodes = false;
  settings.observation.normalise = true;
  for (NetworkSettings* network : {&settings.policy.network, &settings.critic.network}) network->hidden = {3};
  return settings;
}

/// Reads the input to its end, then zeros.
struct Source {
  const std::uint8_t* at;
  std::size_t left;
  template <class T>
  T take() {
    T value{};
    const std::size_t count = std::min(left, sizeof value);
    std::memcpy(&value, at, count);
    at += count, left -= count;
    return value;
  }
};

/// One number of one array becomes another.
template <class T>
void change(State& state, const std::string& name, std::vector<T> values, Source& source) {
  const std::size_t place = source.take<std::uint16_t>();
  const T value = source.take<T>();
  if (values.empty())
    values.push_back(value);
  else
    values[place % values.size()] = value;
  state.put(name, values);
}

}  // namespace

/// A sound checkpoint in which numbers were changed: it is refused, or the run goes on, whatever it learns.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Registry environments = app::all_environments();
  static const std::vector<State> sound = [] {
    std::vector<State> all;
    for (const char* recipe : {"a2c-cartpole", "ppo-pendulum", "a2c-mountaincar", "ppo-acrobot"}) {
      const auto algorithm = make_algorithm(small(recipe), environments);
      algorithm->epoch(1);
      all.push_back(app::checkpoint_of(*algorithm));
    }
    return all;
  }();
  Source source{data, size};
  State state = sound[source.take<std::uint8_t>() % sound.size()];
  while (source.left > 0) {
    const std::vector<State::Name> names = state.names();
    const State::Name& name = names[source.take<std::uint8_t>() % names.size()];
    if (name.dtype == Dtype::f64) change(state, name.text, state.doubles(name.text), source);
    if (name.dtype == Dtype::f32) change(state, name.text, state.floats(name.text), source);
    if (name.dtype == Dtype::i64) change(state, name.text, state.integers(name.text), source);
  }
  try {
    const app::Loaded loaded = app::load_checkpoint(state, "input", environments);
    loaded.algorithm->epoch(1);
    loaded.algorithm->evaluate(1, false, 1);
  } catch (const Error&) {
  }
  return 0;
}
