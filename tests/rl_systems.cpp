#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <pigrad/app/recipes.hpp>
#include <pigrad/nn/safetensors.hpp>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/reinforce.hpp>
#include <pigrad/rl/vpg.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

using Reals = std::vector<double>;
constexpr int epochs = 3;

const TensorFile& golden() {
  static const TensorFile file = TensorFile::load(PIGRAD_GOLDEN_DIR "/systems.safetensors");
  return file;
}
Reals reals(const std::string& name) { return golden().values<double>(name); }
bool has(const std::string& name) {
  const auto& all = golden().entries();
  return std::any_of(all.begin(), all.end(), [&](const auto& entry) { return entry.name == name; });
}

// [T×E×columns] as a panel [columns × rows].
std::vector<double> panel(const Reals& values, int columns) {
  const std::size_t c = static_cast<std::size_t>(columns), rows = values.size() / c;
  Reals out(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) out[i % c * rows + i / c] = values[i];
  return out;
}

Rollout<double> rollout(const std::string& data, int copies, int features, bool box) {
  Rollout<double> r;
  const Reals reward = reals(data + ".reward");
  r.resize(static_cast<int>(reward.size()) / copies, copies, features, box);
  r.reward = reward;
  r.obs = panel(reals(data + ".obs"), features);
  r.final_obs = panel(reals(data + ".final_obs"), features);
  r.edge_obs = panel(reals(data + ".edge_obs"), features);
  r.terminated = golden().values<std::uint8_t>(data + ".terminated");
  r.truncated = golden().values<std::uint8_t>(data + ".truncated");
  if (box)
    r.action = reals(data + ".action");
  else
    r.index = golden().values<std::int32_t>(data + ".action");
  return r;
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

void check_metric(const Metrics& metrics, const std::string& name, const std::string& expected) {
  if (!has(expected)) return;
  const double theirs = reals(expected)[0];
  const auto at = std::find_if(metrics.begin(), metrics.end(), [&](const auto& m) { return m.first == name; });
  INFO(name);
  REQUIRE(at != metrics.end());
  CHECK(std::abs(at->second - theirs) < 1e-12 * (1 + std::abs(theirs)));
}

struct Case {
  const char* recipe;
  const char* data;
  int copies, features, critic_steps;
  bool box;
};

// The recipe as it stands, in double, narrower, on an environment of which only the spaces and the limit matter.
TrainSettings narrow(const Case& c, const std::string& variant) {
  TrainSettings s = app::recipe_settings(c.recipe, variant);
  s.scalar = "float64";
  for (NetworkSettings* network : {&s.policy.network, &s.critic.network})
    for (int& width : network->hidden) width = 8;
  s.critic.steps_per_minibatch = c.critic_steps;
  return s;
}

template <class A>
void check(const Case& c, const std::string& variant, int threads) {
  const std::string key = std::string(c.recipe) + "." + variant + ".";
  INFO(key);
  Spec spec;
  spec.id = "given";
  spec.observation = Space::box(c.features, -1e9, 1e9);
  spec.action = c.box ? Space::box(1, -1, 1) : Space::discrete(2);
  spec.max_steps = 20;
  const TrainSettings settings = narrow(c, variant);
  A a(settings, spec);
  Parameters<double>& parameters = a.agent().parameters();
  for (const Segment& segment : a.layout().segments()) {
    const Reals values = reals(key + "start." + segment.name);
    REQUIRE(values.size() == static_cast<std::size_t>(segment.size()));
    std::copy(values.begin(), values.end(), parameters.data(segment.name));
  }
  parameters.touch();
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const std::string at = "." + std::to_string(epoch), mine = key + std::to_string(epoch) + ".";
    const Metrics metrics = a.learn(rollout(c.data + at, c.copies, c.features, c.box), threads);
    if (has(mine + "returns")) CHECK(apart(a.returns().data(), reals(mine + "returns")) < 1e-12);
    CHECK(apart(a.advantages().data(), reals(mine + "advantages")) < 1e-11);
    check_metric(metrics, "train/policy_loss", mine + "policy_loss");
    check_metric(metrics, "train/value_loss", mine + "value_loss");
    if (settings.source_figure == "score") check_metric(metrics, "rollout/source_score", mine + "figure");
    if (settings.source_figure == "avg_return") check_metric(metrics, "rollout/source_avg_return", mine + "figure");
  }
  for (const Segment& segment : a.layout().segments()) {
    INFO(segment.name);
    const Reals theirs = reals(key + "end." + segment.name);
    CHECK(apart(parameters.data(segment.name), theirs) < 1e-12);
    CHECK(apart(reals(key + "start." + segment.name).data(), theirs) > 1e-4);
  }
}

template <class A>
void check_both(const Case& c) {
  check<A>(c, "source", 1);
  check<A>(c, "recommended", 3);
}

}  // namespace

TEST_CASE("three epochs of system 2's recipes equal PyTorch's") {
  check_both<A2c<double>>({"a2c-linear-cartpole", "copies", 4, 4, 7, false});
  check_both<A2c<double>>({"a2c-swingup", "copies_box", 4, 5, 7, true});
}

TEST_CASE("three episodes of system 3's recipe equal PyTorch's") {
  check_both<Reinforce<double>>({"reinforce-sutton-barto", "episode", 1, 4, 1, false});
}

TEST_CASE("three epochs of system 4's recipes equal PyTorch's") {
  check_both<Reinforce<double>>({"reinforce-inverted-pendulum", "episodes_box", 1, 4, 1, true});
  check_both<Vpg<double>>({"reinforce-inverted-pendulum-baseline", "episodes_box", 1, 4, 1, true});
}

TEST_CASE("three epochs of system 5's recipes equal PyTorch's") {
  check_both<Vpg<double>>({"vpg-cartpole", "episodes", 1, 4, 4, false});
  check_both<Vpg<double>>({"vpg-lookahead-cartpole", "episodes", 1, 4, 4, false});
}
