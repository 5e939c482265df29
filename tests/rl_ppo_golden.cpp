#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <pigrad/nn/safetensors.hpp>
#include <pigrad/rl/a2c_joint.hpp>
#include <pigrad/rl/ppo.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

using Reals = std::vector<double>;

const TensorFile& golden() {
  static const TensorFile file = TensorFile::load(PIGRAD_GOLDEN_DIR "/ppo.safetensors");
  return file;
}

// A [rows × columns] tensor as a panel.
Reals panel(const std::string& name, std::size_t columns) {
  const Reals values = golden().values<double>(name);
  const std::size_t rows = values.size() / columns;
  Reals out(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) out[i % columns * rows + i / columns] = values[i];
  return out;
}

Rollout<double> rollout(const std::string& name, int features, int dimensions) {
  Rollout<double> r;
  r.resize(45, 4, features, dimensions);
  const auto f = static_cast<std::size_t>(features);
  r.obs = panel(name + ".obs", f);
  r.final_obs = panel(name + ".final_obs", f);
  r.edge_obs = panel(name + ".edge_obs", f);
  if (dimensions > 0)
    r.action = panel(name + ".action", static_cast<std::size_t>(dimensions));
  else
    r.index = golden().values<std::int32_t>(name + ".action");
  r.reward = golden().values<double>(name + ".reward");
  r.log_prob = golden().values<double>(name + ".log_prob");
  const auto end = golden().values<std::uint8_t>(name + ".end");
  for (std::size_t i = 0; i < end.size(); ++i) {
    r.terminated[i] = end[i] & 1;
    r.truncated[i] = end[i] >> 1;
  }
  return r;
}

TrainSettings settings(const std::string& name) {
  TrainSettings s;
  const bool box = name == "box";
  s.environment = box ? "Target-v0" : "CartPole-v1";
  s.algorithm = name == "a2c" ? "a2c-joint" : "ppo";
  s.scalar = "float64";
  s.steps = 45;
  s.copies = 4;
  s.gamma = 0.98;
  s.lambda = 0.9;
  s.minibatch = name == "a2c" ? 0 : 64;
  s.advantage.normalise = name == "plain" || name == "shared";
  s.advantage.epsilon = 1e-8;
  s.advantage.deviation = "sample";
  s.policy.network.hidden = {16, 12};
  s.policy.entropy_bonus = 0.02;
  if (box) s.policy.distribution.name = "gaussian";
  s.critic.network.hidden = {14, 10};
  s.critic.coefficient = 0.6;
  if (name == "shared") s.critic.kind = "shared";
  s.ppo.passes = 4;
  s.ppo.order = "rollout";
  s.ppo.value_clip = name == "shared" || box ? 0.15 : 0;
  s.ppo.value_clip_form = box ? "clipped" : "max";
  s.ppo.optimisers = box ? "separate" : "joint";
  OptimiserChoice& o = s.policy.optimiser;
  o.learning_rate = 4e-3;
  o.epsilon = 1e-5;
  o.max_grad_norm = 0.5;
  if (name == "a2c") o.name = "rmsprop", o.learning_rate = 2e-3;
  if (box) s.critic.optimiser = o;
  return s;
}

// Largest |ours − theirs| over largest |theirs|.
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
void check(const std::string& name, int threads) {
  INFO(name);
  const TrainSettings s = settings(name);
  A a(s, Registry::builtin().spec(s.environment));
  Parameters<double>& parameters = a.agent().parameters();
  for (const Segment& segment : a.layout().segments()) {
    const Reals values = golden().values<double>(name + ".start." + segment.name);
    REQUIRE(values.size() == static_cast<std::size_t>(segment.size()));
    std::copy(values.begin(), values.end(), parameters.data(segment.name));
  }
  parameters.touch();
  const Reals before(parameters.data(), parameters.data() + parameters.size());
  const bool box = name == "box";
  const Metrics metrics = a.learn(rollout(name, box ? 2 : 4, box ? 2 : 0), threads);
  CHECK(apart(a.advantages().data(), golden().values<double>(name + ".advantage")) < 1e-13);
  for (const Segment& segment : a.layout().segments()) {
    INFO(segment.name);
    const Reals theirs = golden().values<double>(name + ".after." + segment.name);
    CHECK(apart(parameters.data(segment.name), theirs) < 1e-12);
    CHECK(apart(before.data() + segment.offset, theirs) > 1e-3);
  }
  std::vector<std::string> names = {"train/policy_gradient_loss", "train/value_loss", "train/entropy_loss"};
  if (s.algorithm == "ppo") names.insert(names.end(), {"train/approx_kl", "train/clip_fraction"});
  names.push_back("train/explained_variance");
  const Reals expected = golden().values<double>(name + ".metrics");
  REQUIRE(expected.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    CHECK(std::abs(metric(metrics, names[i]) - expected[i]) < 1e-12 * (1 + std::abs(expected[i])));
  }
}

}  // namespace

TEST_CASE("one epoch of PPO equals PyTorch's: own and shared networks, clipped values, one and two optimisers") {
  for (const int threads : {1, 3}) {
    check<Ppo<double>>("plain", threads);
    check<Ppo<double>>("shared", threads);
    check<Ppo<double>>("box", threads);
  }
}

TEST_CASE("one epoch of A2C with one loss and RMSprop equals PyTorch's") { check<A2cJoint<double>>("a2c", 1); }
