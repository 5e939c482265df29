#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/rl/a2c.hpp>
#include <string>
#include <vector>

using namespace pigrad;
using doctest::Approx;

namespace {

BoundarySettings rules(const char* truncation, const char* edge, bool over_end) { return {truncation, edge, over_end}; }

TrainSettings small(const std::string& environment) {
  TrainSettings s;
  s.environment = environment;
  s.scalar = "float64";
  s.gamma = 0.9;
  s.policy.network.hidden = {};
  s.policy.optimiser.learning_rate = 0;
  s.critic.kind = "linear";
  s.critic.optimiser.name = "sgd";
  s.critic.optimiser.learning_rate = 0.25;
  s.advantage.normalise = false;
  return s;
}

double value_of(const OnPolicy<double>& a, const std::vector<double>& obs) {
  Critic<double> critic(a.agent());
  double v = 0;
  critic.value(1, obs.data(), 1, nullptr, 1, &v);
  return v;
}

}  // namespace

TEST_CASE("reward 1 for ever: V is 1/(1−γ) only if a truncation bootstraps") {
  const Registry environments = Registry::builtin();
  // Steps that divide the limit of 10, that do not, and that are longer; several copies.
  for (const int steps : {10, 7, 25})
    for (const int copies : {1, 3}) {
      INFO(steps, " × ", copies);
      TrainSettings s = small("ConstantReward-v0");
      s.steps = steps;
      s.copies = copies;
      A2c<double> right(s, environments);
      for (int i = 0; i < 150; ++i) right.epoch(1);
      CHECK(value_of(right, {1}) == Approx(10).epsilon(1e-12));
      const auto& path = right.returns();
      for (const double g : path) CHECK(g == Approx(10).epsilon(1e-12));
    }
}

TEST_CASE("reward 1 for ever: an epoch that begins anew at each limit, by every rule of the time limit") {
  const Registry environments = Registry::builtin();
  TrainSettings s = small("ConstantReward-v0");
  s.steps = 20;
  s.reset_each_epoch = true;
  double capped = 0;  // mean over t of Σ_{k<10−t} γᵏ
  for (int m = 1; m <= 10; ++m) capped += (1 - std::pow(0.9, m)) / (1 - 0.9) / 10;
  s.boundary = rules("terminate", "bootstrap", false);
  A2c<double> terminate(s, environments);
  for (int i = 0; i < 60; ++i) terminate.epoch(1);
  CHECK(value_of(terminate, {1}) == Approx(capped).epsilon(1e-12));
  CHECK(capped < 5);

  s.boundary = rules("terminate", "bootstrap", true);  // the second episode ends on the edge, the first inside
  A2c<double> over(s, environments);
  for (int i = 0; i < 200; ++i) over.epoch(1);
  double carried = 0;  // mean over t of γ^{10−t}, half the rows
  for (int m = 1; m <= 10; ++m) carried += std::pow(0.9, m) / 10 / 2;
  CHECK(value_of(over, {1}) == Approx(capped / (1 - carried)).epsilon(1e-12));

  s.boundary = rules("terminate", "last_reward", true);
  A2c<double> reward(s, environments);
  for (int i = 0; i < 60; ++i) reward.epoch(1);
  CHECK(value_of(reward, {1}) == Approx(capped + carried).epsilon(1e-12));

  s.boundary = rules("bootstrap", "drop", false);
  s.steps = 25;  // five rows past the second limit are left out
  A2c<double> drop(s, environments);
  for (int i = 0; i < 150; ++i) drop.epoch(1);
  CHECK(value_of(drop, {1}) == Approx(10).epsilon(1e-12));
}

TEST_CASE("a time limit on the rollout's last step, one before and one after it") {
  const Registry environments = Registry::builtin();
  for (const int steps : {9, 10, 11}) {
    CAPTURE(steps);
    TrainSettings s = small("ConstantReward-v0");
    s.steps = steps;
    s.critic.optimiser.learning_rate = 0;
    A2c<double> a(s, environments);
    const double v = value_of(a, {1});
    const Metrics metrics = a.epoch(1);
    CHECK(a.episodes().size() == (steps >= 10 ? 1u : 0u));
    if (steps >= 10) CHECK(a.episodes()[0].length == 10);
    if (steps >= 10) CHECK(a.episodes()[0].truncated);
    double expected = v;  // by hand, backward; the limit and the edge both count V(1)
    for (int t = steps - 1; t >= 0; --t) {
      expected = 1 + 0.9 * (t == 9 ? v : expected);
      CHECK(a.returns()[static_cast<std::size_t>(t)] == Approx(expected).epsilon(1e-14));
    }
    CHECK(metrics[5].first == "rollout/episodes");
    CHECK(std::isnan(metrics[0].second) == (steps < 10));
  }
}

namespace {

// The four (state, action) pairs of the chain, one step each, whose next state stands at `place`.
enum class Place { edge, limit };
Rollout<double> chain(Place place) {
  Rollout<double> r;
  r.resize(1, 4, 2, 0);
  const int state[] = {0, 0, 1, 1}, action[] = {0, 1, 0, 1}, next[] = {0, 1, 0, 1};
  for (int e = 0; e < 4; ++e) {
    const auto i = static_cast<std::size_t>(e);
    const bool end = state[e] == 1 && action[e] == 1;
    r.obs[static_cast<std::size_t>(state[e] * 4 + e)] = 1;
    r.index[i] = action[e];
    r.reward[i] = end ? 1 : 0;
    r.terminated[i] = end;
    r.truncated[i] = !end && place == Place::limit;
    auto& after = place == Place::edge ? r.edge_obs : r.final_obs;
    auto& elsewhere = place == Place::edge ? r.final_obs : r.edge_obs;
    after[static_cast<std::size_t>(next[e] * 4 + e)] = 1;
    elsewhere[i] = 1e3;
    if (end) r.final_obs[i] = 0, r.final_obs[static_cast<std::size_t>(4 + e)] = 1;
  }
  return r;
}

std::vector<double> fit_chain(const BoundarySettings& boundary, Place place) {
  TrainSettings s = small("Chain-v0");
  s.boundary = boundary;
  s.copies = 4;
  s.steps = 1;
  s.critic.optimiser.learning_rate = 0.5;
  A2c<double> a(s, Registry::builtin().spec("Chain-v0"));
  for (int i = 0; i < 600; ++i) a.learn(chain(place));
  return {value_of(a, {1, 0}), value_of(a, {0, 1})};
}

}  // namespace

TEST_CASE("two-state chain: exact values of the even policy, whether cut by an edge or by a limit") {
  // V₁ = ½ + ½γV₀, V₀ = ½γV₁ + ½γV₀ with γ = 0.9
  const double v0 = 0.225 / (1 - 0.45 - 0.2025), v1 = 0.5 + 0.45 * v0;
  for (const Place place : {Place::edge, Place::limit}) {
    const auto v = fit_chain(rules("bootstrap", "bootstrap", false), place);
    CHECK(v[0] == Approx(v0).epsilon(1e-12));
    CHECK(v[1] == Approx(v1).epsilon(1e-12));
  }
  const auto cut = fit_chain(rules("terminate", "bootstrap", false), Place::limit);
  CHECK(std::abs(cut[0]) < 1e-12);
  CHECK(cut[1] == Approx(0.5).epsilon(1e-12));
  const auto over = fit_chain(rules("terminate", "bootstrap", true), Place::edge);
  // With the end's own state bootstrapped, V₁ = ½(1 + γV₁) + ½γV₀.
  CHECK(over[1] == Approx(2.75).epsilon(1e-12));
  CHECK(over[0] == Approx(2.25).epsilon(1e-12));
}

TEST_CASE("the optimal policy of the chain is found, with its values") {
  TrainSettings s;
  s.environment = "Chain-v0";
  s.scalar = "float64";
  s.gamma = 0.9;
  s.copies = 8;
  s.steps = 32;
  s.policy.network.hidden = {8};
  s.policy.optimiser.learning_rate = 0.05;
  s.critic.network.hidden = {8};
  s.critic.optimiser.learning_rate = 0.05;
  s.critic.steps_per_minibatch = 10;
  const Registry environments = Registry::builtin();
  A2c<double> a(s, environments);
  for (int i = 0; i < 60; ++i) a.epoch(1);
  CHECK(a.evaluate(20, true, 1).mean_length == 2);
  CHECK(value_of(a, {0, 1}) == Approx(1).epsilon(0.01));
  CHECK(value_of(a, {1, 0}) == Approx(0.9).epsilon(0.02));
}

TEST_CASE("an end on the time limit's own step is an end") {
  const Registry environments = Registry::builtin();
  Agent<double> agent(environments.spec("Chain-v0"), small("Chain-v0").policy, nullptr, 1);
  agent.parameters().data("policy.0.bias")[1] = 50;  // always goes on
  agent.parameters().touch();
  for (const int limit : {1, 2, 3}) {
    EnvOptions options;
    options.max_steps = limit;
    const auto env = environments.make<double>("Chain-v0", 1, 1, options);
    Collector<double> collector(agent, *env, 1);
    Rollout<double> r;
    collector.collect(6, 1, r);
    for (int row = 0; row < 6; ++row) {
      const auto i = static_cast<std::size_t>(row);
      CHECK(r.terminated[i] == (limit >= 2 && row % 2 == 1));
      CHECK(r.truncated[i] == (limit == 1));
    }
    for (const Episode& e : r.episodes) CHECK(e.truncated == (limit == 1));
  }
}

TEST_CASE("an episode that waits to be reset is counted once") {
  const Registry environments = Registry::builtin();
  Agent<double> agent(environments.spec("ConstantReward-v0"), small("ConstantReward-v0").policy, nullptr, 1);
  for (const Autoreset mode : {Autoreset::disabled, Autoreset::next_step}) {
    EnvOptions options;
    options.max_steps = 3;
    options.autoreset = mode;
    const auto env = environments.make<double>("ConstantReward-v0", 1, 1, options);
    Rollout<double> r;
    Collector<double>(agent, *env, 1).collect(6, 1, r);
    REQUIRE(r.episodes.size() == 1);
    CHECK(r.episodes[0].length == 3);
    CHECK(r.episodes[0].truncated);
  }
}
