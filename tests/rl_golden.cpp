#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <pigrad/nn/safetensors.hpp>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/reinforce.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

using Reals = std::vector<double>;

const TensorFile& golden() {
  static const TensorFile file = TensorFile::load(PIGRAD_GOLDEN_DIR "/update.safetensors");
  return file;
}

// A [rows × features] float tensor as a panel.
Reals panel(const std::string& name, int features) {
  const auto values = golden().values<float>(name);
  const std::size_t f = static_cast<std::size_t>(features), rows = values.size() / f;
  Reals out(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) out[i % f * rows + i / f] = static_cast<double>(values[i]);
  return out;
}

Rollout<double> rollout(const std::string& data) {
  const auto end = golden().values<std::uint8_t>(data + ".end");
  const int rows = static_cast<int>(end.size());
  Rollout<double> r;
  r.resize(rows, 1, 4, 0);
  r.obs = panel(data + ".obs", 4);
  r.edge_obs = panel(data + ".edge_obs", 4);
  r.index = golden().values<std::int32_t>(data + ".action");
  r.reward = golden().values<double>(data + ".reward");
  r.log_prob = golden().values<double>(data + ".log_prob");
  const Reals final_obs = panel(data + ".final_obs", 4);
  const std::size_t ends = final_obs.size() / 4;
  std::size_t k = 0;
  for (std::size_t row = 0; row < end.size(); ++row) {
    r.terminated[row] = end[row] & 1;
    r.truncated[row] = end[row] >> 1;
    if (end[row] == 0) continue;
    for (std::size_t f = 0; f < 4; ++f) r.final_obs[f * end.size() + row] = final_obs[f * ends + k];
    ++k;
  }
  REQUIRE(k == ends);
  return r;
}

// The recipes reinforce-cartpole and a2c-cartpole.
TrainSettings recipe(const std::string& algorithm, bool source) {
  TrainSettings s;
  s.environment = "CartPole-v1";
  s.algorithm = algorithm;
  s.scalar = "float64";
  s.steps = 4000;
  s.minibatch = 400;
  s.gamma = 0.99;
  s.lambda = 0.97;
  s.policy.network.hidden = s.critic.network.hidden = {64, 32};
  s.policy.optimiser.learning_rate = 3e-4;
  s.critic.optimiser.learning_rate = 1e-3;
  s.critic.steps_per_minibatch = 80;
  s.source_metrics = source ? "last_minibatch" : "epoch";
  if (algorithm == "reinforce") {
    s.advantage.estimator = "return_to_go";
    s.advantage.baseline = s.advantage.normalise = false;
    s.boundary = {"terminate", source ? "last_reward" : "drop", source};
  } else if (source) {
    s.critic.kind = "linear";
    s.critic.loss = "broadcast";
    s.boundary = {"terminate", "bootstrap", true};
  }
  return s;
}

// Largest |ours − theirs| over largest |theirs|; sizes must agree.
double apart(const double* ours, const Reals& theirs) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    difference = std::max(difference, std::abs(ours[i] - theirs[i]));
    size = std::max(size, std::abs(theirs[i]));
  }
  return std::isfinite(difference) ? difference / size : INFINITY;
}

double metric(const Metrics& metrics, const std::string& name) {
  for (const auto& [key, value] : metrics)
    if (key == name) return value;
  FAIL("there is no metric " << name);
  return 0;
}

template <class A>
void check(const std::string& data, const std::string& algorithm, const std::string& variant, int threads) {
  const std::string key = data + "." + algorithm + "." + variant + ".";
  INFO(key);
  TrainSettings s = recipe(algorithm, variant == "source");
  if (data != "full") s.steps = 400, s.minibatch = 100, s.critic.steps_per_minibatch = 5;
  A a(s, Registry::builtin().spec(s.environment));
  Parameters<double>& parameters = a.agent().parameters();
  for (const Segment& segment : a.layout().segments()) {
    std::string name = segment.name;
    if (variant == "source" && name.rfind("critic.", 0) == 0) name.replace(0, 6, "critic_linear");
    const Reals values = golden().values<double>("start." + name);
    REQUIRE(values.size() == static_cast<std::size_t>(segment.size()));
    std::copy(values.begin(), values.end(), parameters.data(segment.name));
  }
  parameters.touch();
  const Reals before(parameters.data(), parameters.data() + parameters.size());

  const Metrics metrics = a.learn(rollout(data), threads);
  const Reals returns = golden().values<double>(key + "returns"),
              advantages = golden().values<double>(key + "advantages");
  CHECK(apart(a.returns().data(), returns) < 1e-13);
  CHECK(apart(a.advantages().data(), advantages) < 1e-13);
  for (const Segment& segment : a.layout().segments()) {
    const Reals theirs = golden().values<double>(key + segment.name);
    CHECK(apart(parameters.data(segment.name), theirs) < 1e-12);
    CHECK(apart(before.data() + segment.offset, theirs) > 1e-4);
  }
  const Reals expected = golden().values<double>(key + "metrics");
  std::vector<std::string> names = {"train/policy_loss", "train/policy_loss_change", "train/entropy", "train/kl"};
  if (algorithm == "a2c")
    names.insert(names.end(), {"train/value_loss", "train/value_loss_change", "train/explained_variance"});
  REQUIRE(expected.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    const double difference = std::abs(metric(metrics, names[i]) - expected[i]);
    CHECK(difference < 1e-12 * (1 + std::abs(expected[i])));
  }
}

}  // namespace

TEST_CASE("one epoch's update equals PyTorch's, whatever the last row") {
  for (const char* data : {"open", "over", "limit"})
    for (const char* variant : {"source", "recommended"}) {
      check<A2c<double>>(data, "a2c", variant, 1);
      check<Reinforce<double>>(data, "reinforce", variant, 3);
    }
}

TEST_CASE("one epoch's update of the published size equals PyTorch's") {
  check<A2c<double>>("full", "a2c", "recommended", 1);
  check<A2c<double>>("full", "a2c", "source", 1);
}
