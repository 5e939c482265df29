#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/losses.hpp>
#include <pigrad/rl/reinforce.hpp>
#include <string>
#include <vector>

#include "count_allocations.hpp"

using namespace pigrad;

namespace {

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

bool begins(const std::string& text, const std::string& start) {
  INFO(text);
  CHECK(text.rfind(start, 0) == 0);
  CHECK(text.find('\n') == std::string::npos);
  return text.rfind(start, 0) == 0;
}

TrainSettings small() {
  TrainSettings s;
  s.scalar = "float64";
  s.steps = 300;
  s.policy.network.hidden = {16};
  s.critic.network.hidden = {16};
  return s;
}

TrainSettings small_reinforce() {
  TrainSettings s = small();
  s.algorithm = "reinforce";
  s.advantage.estimator = "return_to_go";
  s.advantage.baseline = false;
  s.boundary = {"terminate", "drop", false};
  return s;
}

template <class T>
std::vector<T> copy_of(const Parameters<T>& p) {
  return {p.data(), p.data() + p.size()};
}

const Registry& environments() {
  static const Registry registry = Registry::builtin();
  return registry;
}

}  // namespace

TEST_CASE_TEMPLATE("a steady update allocates nothing", T, float, double) {
  CriticSettings critic;
  Agent<T> agent(environments().spec("CartPole-v1"), PolicySettings{}, &critic, 3);
  const auto env = environments().make<T>("CartPole-v1", 4, 11);
  Rollout<T> rollout;
  Collector<T>(agent, *env, 12).collect(200, 1, rollout);
  const std::vector<T> weight(static_cast<std::size_t>(rollout.rows()), T(0.5));
  std::vector<std::int32_t> order;
  for (int i = rollout.rows() - 1; i >= 0; --i) order.push_back(i);
  OptimiserChoice clipped;
  clipped.max_grad_norm = 0.1;
  Learner<T> policy(agent, policy_gradient_loss(agent, 0.01), agent.policy_range(), clipped);
  Learner<T> value(agent, value_loss(agent, false), agent.critic_range(), OptimiserChoice{});
  Learner<T> pairs(agent, value_loss(agent, true), agent.critic_range(), OptimiserChoice{});
  for (Learner<T>* learner : {&policy, &value, &pairs})
    for (const int threads : {1, 3}) {
      INFO(threads, " threads");
      const auto update = [&] {
        for (int begin = 0; begin < rollout.rows(); begin += 300) {
          const int count = std::min(300, rollout.rows() - begin);
          learner->bind(rollout, weight.data(), begin == 0 ? nullptr : order.data(), begin, count);
          learner->descend(threads);
          learner->loss(threads);
        }
      };
      update();
      const std::size_t before = pigrad_test::allocations;
      for (int i = 0; i < 3; ++i) update();
      CHECK(pigrad_test::allocations == before);
    }
}

TEST_CASE_TEMPLATE("steady collecting allocates nothing for a step", T, float, double) {
  Agent<T> agent(environments().spec("CartPole-v1"), PolicySettings{}, nullptr, 3);
  const auto env = environments().make<T>("CartPole-v1", 32, 11);
  Collector<T> collector(agent, *env, 12);
  Rollout<T> rollout;
  const auto allocations = [&](int steps) {
    for (int i = 0; i < 2; ++i) collector.collect(steps, 1, rollout);
    rollout.episodes.reserve(10000);
    const std::size_t before = pigrad_test::allocations;
    collector.collect(steps, 1, rollout);
    return pigrad_test::allocations - before;
  };
  const std::size_t few = allocations(10);
  CHECK(few == allocations(200));
  CHECK(few == 0);
}

TEST_CASE_TEMPLATE("a loss that is not finite is stopped before a parameter moves, and its first node is named", T,
                   float, double) {
  CriticSettings critic;
  Agent<T> agent(environments().spec("CartPole-v1"), PolicySettings{}, &critic, 3);
  const auto env = environments().make<T>("CartPole-v1", 1, 11);
  Rollout<T> rollout;
  Collector<T>(agent, *env, 12).collect(200, 1, rollout);
  std::vector<T> weight(200, T(0.5));
  weight[130] = std::numeric_limits<T>::quiet_NaN();
  Learner<T> policy(agent, policy_gradient_loss(agent, 0), agent.policy_range(), OptimiserChoice{});
  Learner<T> value(agent, value_loss(agent, false), agent.critic_range(), OptimiserChoice{});
  const std::vector<T> before = copy_of(agent.parameters());
  const auto version = agent.parameters().version();
  for (Learner<T>* learner : {&policy, &value}) {
    learner->bind(rollout, weight.data(), nullptr, 0, 200);
    const std::string said = message([&] { learner->descend(1); });
    begins(said, "not finite: node ");
    for (const char* part : {"sample 130 is step 130 of copy 0: obs = ", "action = ", "ln π when it acted = ",
                             "after 0 optimiser steps", learner == &policy ? "layer policy.4" : "layer critic.4"})
      CHECK_MESSAGE(said.find(part) != std::string::npos, said);
    CHECK((said.find("nan") != std::string::npos || said.find("NaN") != std::string::npos));
    CHECK(learner->optimiser().steps() == 0);
  }
  CHECK(copy_of(agent.parameters()) == before);
  CHECK(agent.parameters().version() == version);

  weight[130] = 1;
  agent.parameters().data("critic.4.bias")[0] = std::numeric_limits<T>::infinity();
  agent.parameters().touch();
  value.bind(rollout, weight.data(), nullptr, 0, 200);
  begins(message([&] { value.descend(3); }), "not finite: node ");
  CHECK(agent.parameters().data("critic.0.weight")[0] == before[static_cast<std::size_t>(agent.critic_range().begin)]);
}

TEST_CASE("an epoch that fails leaves parameters as they were, and the algorithm can go on") {
  TrainSettings s = small();
  s.advantage.normalise = false;
  A2c<double> a(s, environments());
  a.epoch(1);
  Rollout<double> bad = a.rollout();
  bad.reward[200] = std::numeric_limits<double>::quiet_NaN();
  const auto before = copy_of(a.agent().parameters());
  begins(message([&] { a.learn(bad); }), "not finite: node ");
  CHECK(copy_of(a.agent().parameters()) == before);
  CHECK(a.epochs_done() == 1);
  a.epoch(1);
  CHECK(a.epochs_done() == 2);
  CHECK(copy_of(a.agent().parameters()) != before);

  s.advantage.normalise = true;
  A2c<double> normalised(s, environments());
  CHECK(message([&] { normalised.learn(bad); }) ==
        "standardise: a value is not finite; look for it in rewards, observations and the critic's values");
}

TEST_CASE("settings that do not go together say what, where and the cure, before anything runs") {
  const auto made = [](const TrainSettings& s) { return message([&] { make_algorithm(s, environments()); }); };
  const auto with = [&](const TrainSettings& start, const std::function<void(TrainSettings&)>& change) {
    TrainSettings s = start;
    change(s);
    return made(s);
  };
  using S = TrainSettings&;
  const TrainSettings a2c = small(), reinforce = small_reinforce();
  CHECK(made(a2c) == "nothing was thrown");
  CHECK(made(reinforce) == "nothing was thrown");
  begins(with(a2c, [](S s) { s.algorithm = "a3c"; }), "algorithm: there is no 'a3c'; use one of: a2c, reinforce");
  CHECK(with(a2c, [](S s) { s.scalar = "float16"; }) == "scalar: there is no 'float16'; use float32 or float64");
  CHECK(with(a2c, [](S s) { s.environment = "CartPole-v2"; }).find("CartPole-v") != std::string::npos);
  CHECK(with(reinforce, [](S s) { s.advantage.estimator = "gae"; }) ==
        "advantage.estimator: gae needs V(s), and this algorithm has no critic; use return_to_go with "
        "advantage.baseline=false, or algorithm=a2c");
  CHECK(with(reinforce, [](S s) { s.advantage.baseline = true; }).find("return_to_go with a baseline needs V(s)") !=
        std::string::npos);
  CHECK(with(reinforce, [](S s) { s.boundary.edge = "bootstrap"; }) ==
        "boundary.edge: bootstrap needs V(s), and this algorithm has no critic; use drop, or last_reward");
  CHECK(with(reinforce, [](S s) { s.boundary.truncation = "bootstrap"; }) ==
        "boundary.truncation: bootstrap needs V(s), and this algorithm has no critic; use terminate");
  CHECK(with(a2c, [](S s) { s.minibatch = 301; }) ==
        "minibatch: 301 rows, but a rollout has 300 steps × 1 copies; give at most 300, or 0 for the whole rollout");
  CHECK(with(a2c, [](S s) { s.minibatch = 300; }) == "nothing was thrown");
  CHECK(with(a2c, [](S s) {
          s.steps = 100000;
          s.copies = 100000;
        }) == "steps: 10000000000 rows in a rollout; give fewer than 2³¹ steps × copies");
  CHECK(with(a2c, [](S s) { s.steps = 0; }) == "steps: \"0\" is not allowed; give a whole number at least 1");
  CHECK(with(a2c, [](S s) { s.copies = -1; }) == "copies: \"-1\" is not allowed; give a whole number at least 1");
  CHECK(with(a2c, [](S s) { s.gamma = 1.5; }) == "gamma: \"1.5\" is not allowed; give a number in [0, 1]");
  CHECK(with(a2c, [](S s) {
          s.policy.optimiser.learning_rate = -1;
        }).rfind("policy.optimiser.learning_rate: \"-1\" is not allowed", 0) == 0);
  CHECK(with(a2c, [](S s) { s.boundary.edge = "drpo"; }) ==
        "boundary.edge: \"drpo\" is not allowed; give one of bootstrap, last_reward, drop");
  begins(with(a2c, [](S s) { s.policy.distribution.name = "gaussian"; }), "");
  CHECK(with(a2c, [](S s) { s.policy.distribution.name = "gaussian"; }).find("CartPole-v1") != std::string::npos);
}

TEST_CASE("an epoch without an ended episode under drop, and one of equal advantages") {
  TrainSettings s = small_reinforce();
  s.steps = 5;
  Reinforce<double> a(s, environments());
  CHECK(message([&] { a.epoch(1); }) ==
        "train: no episode ended in 5 steps, and unfinished ones are left out; raise steps, or set boundary.edge to "
        "another rule");
  s = small();
  s.environment = "ConstantReward-v0";
  s.gamma = 0;
  s.advantage.estimator = "return_to_go";
  s.advantage.baseline = false;
  A2c<double> equal(s, environments());
  const auto before = copy_of(equal.agent().parameters());
  CHECK(message([&] { equal.epoch(1); }) ==
        "standardise: all 300 values are equal and ε is 0; set advantage.epsilon above 0, or collect more rows");
  CHECK(copy_of(equal.agent().parameters()) == before);
}

TEST_CASE("one step of one copy: refused where it must be normalised, learnt from where not") {
  TrainSettings s = small();
  s.steps = 1;
  const char* refusal = "advantage.normalise: a rollout of 1 row has no deviation";
  CHECK(message([&] { A2c<double>(s, environments()); }).rfind(refusal, 0) == 0);
  s.advantage.epsilon = 1e-8;
  CHECK(message([&] { A2c<double>(s, environments()); }).rfind(refusal, 0) == 0);
  s.advantage.normalise = false;
  s.minibatch = 1;
  A2c<double> plain(s, environments());
  const auto before = copy_of(plain.agent().parameters());
  for (int i = 0; i < 30; ++i) plain.epoch(1);
  CHECK(copy_of(plain.agent().parameters()) != before);
  CHECK(plain.steps_done() == 30);
}

TEST_CASE("the loop of one's own refuses calls out of turn") {
  TrainSettings s = small();
  s.steps = 2;
  s.copies = 2;
  A2c<double> own(s, environments().spec("CartPole-v1")), ours(s, environments());
  const std::vector<double> obs = {0.01, 0, 0.02, 0};
  CHECK(message([&] { own.epoch(1); }) ==
        "epoch: this algorithm has no environment of its own; use act, observe and update");
  CHECK(message([&] { own.evaluate(1, true, 1); }).rfind("evaluate: this algorithm has no environment", 0) == 0);
  CHECK(message([&] { ours.act(obs.data()); }).rfind("act: this algorithm steps an environment of its own", 0) == 0);
  CHECK(message([&] { ours.update(); }).rfind("update: this algorithm steps an environment of its own", 0) == 0);
  CHECK(message([&] { own.observe(1, false, false, obs.data()); }) ==
        "observe: no action of this copy waits for its outcome; call act() first");
  CHECK(message([&] { own.act(obs.data(), nullptr, 2); }) == "act: copy 2 of 2; give a copy from 0 to copies − 1");
  own.act(obs.data(), nullptr, 1);
  CHECK(message([&] { own.act(obs.data(), nullptr, 1); }) ==
        "act: the copy's last action waits for its outcome; call observe() first");
  own.observe(1, false, false, obs.data(), 1);
  CHECK(message([&] { own.update(); }) == "update: 1 of 4 steps observed; act and observe until ready()");
  own.act(obs.data(), nullptr, 1);
  own.observe(1, true, false, obs.data(), 1);
  CHECK(message([&] { own.act(obs.data(), nullptr, 1); }).rfind("act: the copy's part of the rollout is full", 0) == 0);
  for (int i = 0; i < 2; ++i) {
    CHECK_FALSE(own.ready());
    own.act(obs.data(), nullptr, 0);
    own.observe(2, false, i == 1, obs.data(), 0);
  }
  CHECK(own.ready());
  own.update();
  REQUIRE(own.episodes().size() == 2);
  CHECK(own.episodes()[0].total == 4);
  CHECK(own.episodes()[0].truncated);
  CHECK(own.episodes()[1].total == 2);
  CHECK_FALSE(own.episodes()[1].truncated);
  CHECK_FALSE(own.ready());
}

TEST_CASE("a rollout of other sizes or other actions is refused") {
  A2c<double> a(small(), environments());
  a.epoch(1);
  const Rollout<double> good = a.rollout();
  const auto refused = [&](const std::function<void(Rollout<double>&)>& change) {
    Rollout<double> r = good;
    change(r);
    return message([&] { a.learn(r); });
  };
  using R = Rollout<double>&;
  CHECK(refused([](R) {}) == "nothing was thrown");
  CHECK(refused([](R r) { r.obs.pop_back(); }) ==
        "learn: the rollout's obs has 1199 numbers, not 4 × 300; size it with Rollout::resize and fill every row");
  CHECK(refused([](R r) { r.reward.clear(); }).rfind("learn: the rollout's reward has 0 numbers", 0) == 0);
  CHECK(refused([](R r) { r.copies = 2; }).rfind("learn: the rollout's obs", 0) == 0);
  CHECK(refused([](R r) { r = {}; }) == "learn: the rollout is empty; give at least one step of one copy");
  CHECK(refused([](R r) { r.index[7] = 2; }) == "learn: an action is 2 of 2; give actions from 0 to n − 1");
}
