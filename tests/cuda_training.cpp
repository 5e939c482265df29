#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/cuda/algorithm.hpp>
#include <pigrad/cuda/rollout.hpp>
#include <pigrad/rl/collector.hpp>
#include <pigrad/rl/on_policy.hpp>

#include "cuda_cases.hpp"
#include "cuda_device.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

double apart(double a, double b) {
  if (std::isnan(a) && std::isnan(b)) return 0;
  return std::abs(a - b) / std::max(1e-3, std::abs(b));
}

template <class T>
std::vector<T> parameters_of(const Algorithm& algorithm) {
  State state;
  algorithm.save(state);
  std::vector<T> all;
  for (const Segment& s : algorithm.layout().segments()) {
    const auto& values = state.reals<T>(s.name, s.size());
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

/// Epochs on both, compared after each. Parameters relative to the largest.
template <class T>
void compare(TrainSettings settings, int epochs, double tolerance, double tolerance_of_metrics) {
  settings.scalar = sizeof(T) == 8 ? "float64" : "float32";
  const Registry registry = Registry::builtin();
  const auto host = make_algorithm(settings, registry);
  const auto device = make_device_algorithm(settings, registry);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    CAPTURE(epoch);
    const Metrics expected = host->epoch(1), found = device->epoch(1);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(expected[i].first);
      CHECK(found[i].first == expected[i].first);
      if (expected[i].first != "time/fps") CHECK(apart(found[i].second, expected[i].second) < tolerance_of_metrics);
    }
    REQUIRE(device->episodes().size() == host->episodes().size());
    for (std::size_t i = 0; i < host->episodes().size(); ++i) {
      const Episode &a = device->episodes()[i], &b = host->episodes()[i];
      CHECK((a.length == b.length && a.truncated == b.truncated && apart(a.total, b.total) < tolerance_of_metrics));
    }
    CHECK(device->steps_done() == host->steps_done());
    const auto a = parameters_of<T>(*device), b = parameters_of<T>(*host);
    double largest = 0, worst = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      largest = std::max(largest, std::abs(static_cast<double>(b[i])));
      worst = std::max(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    }
    CHECK(worst / largest < tolerance);
  }
}

}  // namespace

TEST_CASE("whole runs on the device are the processor's: parameters and metrics, epoch by epoch") {
  if (no_device()) return;
  for (const DeviceCase& c : device_cases()) {
    CAPTURE(c.name);
    compare<double>(c.settings, 4, 1e-9, 1e-7);
  }
}

TEST_CASE("the first epoch in float") {
  if (no_device()) return;
  for (const DeviceCase& c : device_cases()) {
    CAPTURE(c.name);
    compare<float>(c.settings, 1, 1e-4, 1e-2);
  }
}

TEST_CASE("a run goes from device to processor and back by its checkpoints") {
  if (no_device()) return;
  const Registry registry = Registry::builtin();
  for (const DeviceCase& c : device_cases()) {
    CAPTURE(c.name);
    const auto whole = make_algorithm(c.settings, registry), device = make_device_algorithm(c.settings, registry),
               host = make_algorithm(c.settings, registry), again = make_device_algorithm(c.settings, registry);
    for (int i = 0; i < 4; ++i) whole->epoch(1);
    device->epoch(1);
    State first, second;
    device->save(first);
    host->load(first);
    host->epoch(1);
    host->epoch(1);
    host->save(second);
    again->load(second);
    again->epoch(1);
    CHECK(again->epochs_done() == 4);
    const auto a = parameters_of<double>(*again), b = parameters_of<double>(*whole);
    double worst = 0;
    for (std::size_t i = 0; i < b.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
    CHECK(worst < 1e-8);
    CHECK(again->evaluate(3, true, 1).mean == doctest::Approx(whole->evaluate(3, true, 1).mean));
  }
}

TEST_CASE("what has no form on the device is refused by its key, and a loss that is not finite stops the run") {
  if (no_device()) return;
  const Registry registry = Registry::builtin();
  const auto refused = [&](const std::string& words, auto change) {
    TrainSettings s = small("a2c", "CartPole-v1");
    change(s);
    CHECK_THROWS_WITH(make_device_algorithm(s, registry), doctest::Contains(words.c_str()));
  };
  refused("boundary.edge", [](TrainSettings& s) { s.boundary.edge = "drop"; });
  refused("critic.scale", [](TrainSettings& s) { s.critic.scale = "returns"; });
  refused("with reward.*", [](TrainSettings& s) {
    s.whole_episodes = true;
    s.reward.clip = 1;
  });
  refused("npg has no form for the GPU", [](TrainSettings& s) { s.algorithm = "npg"; });
  refused("GridWorld-v0 has no form", [](TrainSettings& s) { s.environment = "GridWorld-v0"; });

  refused("of the device's memory", [](TrainSettings& s) { s.copies = 200000; });

  TrainSettings wild = small("a2c", "CartPole-v1");
  wild.critic.optimiser.learning_rate = 1e200;
  wild.epochs = 3;
  const auto run = make_device_algorithm(wild, registry);
  bool stopped = false;
  for (int i = 0; i < 3 && !stopped; ++i) try {
      run->epoch(1);
    } catch (const Error& error) {
      stopped = std::string(error.what()).find("not finite") != std::string::npos;
    }
  CHECK(stopped);
}

namespace {

struct Hidden {
  std::vector<int> units;
  std::string activation;
};

}  // namespace

TEST_CASE_TEMPLATE("a rollout in one kernel is the one of steps, to the bit, and the processor's", T, float, double) {
  if (no_device()) return;
  const Registry registry = Registry::builtin();
  const auto same = [](const auto& a, const auto& b) { CHECK(a.download() == b.download()); };
  for (const char* name : {"CartPole-v0", "Pendulum-v1", "Acrobot-v1"})
    for (const Hidden& layers : {Hidden{{64, 64}, "tanh"}, {{9}, "relu"}, {{}, "tanh"}, {{200, 17}, "elu"}}) {
      CAPTURE(name);
      CAPTURE(layers.units.size());
      if (layers.units.size() > 0 && layers.units[0] > 64 && std::string(name) != "Pendulum-v1") continue;
      const Spec& spec = registry.spec(name);
      PolicySettings policy;
      policy.network.hidden = layers.units;
      policy.network.activation = layers.activation;
      if (!spec.action.is_discrete()) policy.distribution.name = "gaussian";
      Agent<T> agent(spec, policy, nullptr, 5);
      REQUIRE(device_policy(agent));
      const int copies = 66, steps = 105;  // two rollouts pass Pendulum's limit
      const auto env = registry.make<T>(name, copies, 5);
      Collector<T> host(agent, *env, 5);
      State state;
      host.save(state);
      DeviceArray<T> parameters(
          std::vector<T>(agent.parameters().data(), agent.parameters().data() + agent.layout().size()));
      const RolloutShape shape = RolloutShape::of_steps(spec, steps, copies);
      DeviceRollout<T> one(shape), many(shape);
      DeviceCollector<T> at_once(agent, copies, steps, 5, nullptr, true),
          by_steps(agent, copies, steps, 5, nullptr, false);
      at_once.load(state);
      by_steps.load(state);
      for (int k = 0; k < 2; ++k) {
        at_once.collect(parameters.data(), one);
        by_steps.collect(parameters.data(), many);
        same(one.obs, many.obs), same(one.edge_obs, many.edge_obs), same(one.index, many.index);
        same(one.action, many.action), same(one.log_prob, many.log_prob), same(one.reward, many.reward);
        same(one.terminated, many.terminated), same(one.truncated, many.truncated);
        same(one.final_slot, many.final_slot), same(one.first_step, many.first_step);
      }
      State a, b;
      at_once.save(a);
      by_steps.save(b);
      CHECK(a.doubles("env") == b.doubles("env"));
      if (sizeof(T) == 4) continue;
      Rollout<T> expected;
      host.collect(steps, 1, expected);
      host.collect(steps, 1, expected);
      CHECK(one.terminated.download() == expected.terminated);
      const auto obs = one.obs.download();
      double worst = 0;
      for (std::size_t i = 0; i < obs.size(); ++i)
        worst = std::max(worst, std::abs(static_cast<double>(obs[i]) - static_cast<double>(expected.obs[i])));
      CHECK(worst < 1e-6);
    }
}

TEST_CASE("a policy that is no chain acts step by step") {
  if (no_device()) return;
  const Registry registry = Registry::builtin();
  PolicySettings policy;
  policy.distribution.log_prob = "log_of_softmax";
  CHECK_FALSE(device_policy(Agent<float>(registry.spec("CartPole-v1"), policy, nullptr, 1)));
  policy = {};
  policy.distribution.name = "gaussian";
  policy.distribution.spread = "state";
  CHECK_FALSE(device_policy(Agent<float>(registry.spec("Pendulum-v1"), policy, nullptr, 1)));
}
