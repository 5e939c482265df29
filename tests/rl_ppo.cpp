#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/a2c_joint.hpp>
#include <pigrad/rl/joint_loss.hpp>
#include <pigrad/rl/joint_update.hpp>
#include <pigrad/rl/losses.hpp>
#include <pigrad/rl/ppo.hpp>
#include <pigrad/rl/shuffle.hpp>

#include "count_allocations.hpp"
#include "rl_bits.hpp"

using namespace pigrad_test;

namespace {

template <class T>
const char* scalar_name() {
  return sizeof(T) == sizeof(float) ? "float32" : "float64";
}

TrainSettings joint(const std::string& algorithm, const std::string& environment, const std::string& scalar) {
  TrainSettings s;
  s.algorithm = algorithm;
  s.environment = environment;
  s.scalar = scalar;
  s.seed = 5;
  s.copies = 6;
  s.steps = 50;
  s.epochs = 8;
  s.minibatch = algorithm == "ppo" ? 64 : 0;
  s.advantage.epsilon = 1e-8;
  s.advantage.deviation = "sample";
  s.policy.network.hidden = {12, 9};
  s.critic.network.hidden = {9, 5};
  s.policy.entropy_bonus = 0.01;
  s.policy.optimiser.learning_rate = 0.003;
  s.policy.optimiser.max_grad_norm = 0.5;
  s.ppo.passes = 3;
  if (environment == "Target-v0") s.policy.distribution.name = "gaussian";
  return s;
}

double metric(const Metrics& metrics, const std::string& name) {
  for (const auto& [key, value] : metrics)
    if (key == name) return value;
  FAIL("there is no metric " << name);
  return 0;
}

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

std::string refusal(const TrainSettings& s) {
  const Registry environments = Registry::builtin();
  return message([&] { make_algorithm(s, environments); });
}

const char* const environments_tried[] = {"CartPole-v1", "Target-v0"};

}  // namespace

TEST_CASE_TEMPLATE("PPO's first minibatch has the plain policy gradient", T, float, double) {
  const Registry environments = Registry::builtin();
  for (const char* name : environments_tried) {
    INFO(std::string(name));
    TrainSettings s = joint("ppo", name, scalar_name<T>());
    s.critic.coefficient = 0;
    s.advantage.normalise = false;
    Agent<T> agent(environments.spec(name), s.policy, &s.critic, 3);
    const auto env = environments.make<T>(name, 6, 11);
    Rollout<T> rollout;
    Collector<T>(agent, *env, 12).collect(50, 1, rollout);
    std::vector<T> advantage, target(300);
    for (int i = 0; i < 300; ++i) advantage.push_back(static_cast<T>(std::sin(i * 1.7)));

    Learner<T> plain(agent, policy_gradient_loss(agent, s.policy.entropy_bonus), agent.policy_range(),
                     OptimiserChoice{.learning_rate = 0});
    plain.bind(rollout, advantage.data(), nullptr, 0, 300);
    plain.descend(1);
    JointLearner<T> clipped(agent, ppo_loss(agent, s), s.policy, s.critic, false);
    clipped.set("clip", 0.2);
    clipped.bind(rollout, {advantage.data(), target.data(), nullptr}, nullptr, 0, 300);
    clipped.differentiate(1);
    CHECK(clipped.output("approx_kl") == 0);
    CHECK(clipped.output("clip_fraction") == 0);
    CHECK(same_bits(plain.gradient(), clipped.gradient()));
    CHECK(std::any_of(plain.gradient().begin(), plain.gradient().end(), [](T g) { return g != T(0); }));

    for (T& l : rollout.log_prob) l += T(0.01);
    clipped.differentiate(1);
    CHECK_FALSE(same_bits(plain.gradient(), clipped.gradient()));
    CHECK(clipped.output("approx_kl") > 0);
  }
}

TEST_CASE_TEMPLATE("A2C's joint update is PPO's of one pass over one minibatch in order, bit for bit", T, float,
                   double) {
  const Registry environments = Registry::builtin();
  for (const char* name : environments_tried)
    for (const char* kind : {"mlp", "shared"}) {
      INFO(std::string(name), " ", std::string(kind));
      TrainSettings s = joint("a2c-joint", name, scalar_name<T>());
      s.critic.kind = kind;
      s.advantage.normalise = false;
      s.policy.optimiser.name = "rmsprop";
      s.policy.optimiser.epsilon = 1e-5;
      A2cJoint<T> a2c(s, environments);
      s.algorithm = "ppo";
      s.ppo.passes = 1;
      s.ppo.order = "rollout";
      Ppo<T> ppo(s, environments);
      const std::vector<T> start = parameters_of<T>(a2c);
      for (int i = 0; i < 5; ++i) {
        const Metrics a = a2c.epoch(1), b = ppo.epoch(2);
        CHECK(metric(b, "train/approx_kl") == 0);
        CHECK(metric(a, "train/value_loss") == metric(b, "train/value_loss"));
        CHECK(same_bits(parameters_of<T>(a2c), parameters_of<T>(ppo)));
      }
      CHECK_FALSE(same_bits(start, parameters_of<T>(a2c)));
      s.ppo.order = "shuffled";
      s.minibatch = 150;
      Ppo<T> other(s, environments);
      for (int i = 0; i < 5; ++i) other.epoch(1);
      CHECK_FALSE(same_bits(parameters_of<T>(a2c), parameters_of<T>(other)));
    }
}

TEST_CASE("joint updates have the same bits for 1, 2 and 3 threads, and after save and load") {
  const Registry environments = Registry::builtin();
  for (const char* algorithm : {"ppo", "a2c-joint"})
    for (const char* name : environments_tried)
      for (const char* scalar : {"float32", "float64"}) {
        INFO(std::string(algorithm), " ", std::string(name), " ", std::string(scalar));
        TrainSettings s = joint(algorithm, name, scalar);
        s.copies = 40;
        s.policy.network.hidden = s.critic.network.hidden = {64, 64};  // worth three threads
        if (s.minibatch > 0) s.minibatch = 700;
        s.ppo.value_clip = 0.1;
        s.ppo.clip_schedule = s.policy.optimiser.schedule = "linear";
        if (std::string(name) == "Target-v0") s.ppo.optimisers = "separate";
        const auto whole = make_algorithm(s, environments);
        const std::string first = train(*whole, 2, 1);
        State state;
        whole->save(state);
        const std::string second = train(*whole, 2, 1);
        for (const int threads : {2, 3}) {
          const auto again = make_algorithm(s, environments);
          CHECK(train(*again, 4, threads) == first + second);
          CHECK(file_bytes(*again) == file_bytes(*whole));
        }
        const auto resumed = make_algorithm(s, environments);
        resumed->load(state);
        CHECK(train(*resumed, 2, 2) == second);
        CHECK(file_bytes(*resumed) == file_bytes(*whole));
        CHECK(first != second);
      }
}

TEST_CASE("an update is its passes over minibatches in orders of their own, bit for bit") {
  const Registry environments = Registry::builtin();
  const TrainSettings s = joint("ppo", "CartPole-v1", "float64");
  Ppo<double> ppo(s, environments);
  Agent<double> agent(environments.spec(s.environment), s.policy, &s.critic, 5);
  JointLearner<double> learner(agent, ppo_loss(agent, s), s.policy, s.critic, false);
  learner.set("clip", s.ppo.clip);
  for (int epoch = 0; epoch < 2; ++epoch) {
    ppo.epoch(1);
    for (int pass = 0; pass < s.ppo.passes; ++pass) {
      std::vector<std::int32_t> order(300);
      std::iota(order.begin(), order.end(), 0);
      shuffle(order, Random(5, Purpose::shuffle), static_cast<std::uint32_t>(epoch * s.ppo.passes + pass));
      for (int begin = 0; begin < 300; begin += s.minibatch) {
        const int count = std::min(s.minibatch, 300 - begin);
        const Moments m = moments(ppo.advantages().data(), order.data() + begin, count, true);
        learner.bind(ppo.rollout(), {ppo.advantages().data(), ppo.targets().data(), nullptr}, order.data(), begin,
                     count);
        learner.set("advantage_mean", m.mean);
        learner.set("advantage_scale", m.deviation + 1e-8);
        learner.differentiate(1);
        learner.step();
      }
    }
    const Parameters<double>& p = agent.parameters();
    CHECK(same_bits(parameters_of<double>(ppo), std::vector<double>(p.data(), p.data() + p.size())));
  }
}

TEST_CASE("minibatches cover the rows once, and none that needs a deviation has one row") {
  for (const bool no_single : {false, true})
    for (const int rows : {2, 7, 8, 9, 65})
      for (const int size : {0, 2, 4, 8, 64, 100}) {
        INFO(rows, " rows in ", size);
        const Minibatches m(rows, size, no_single);
        int next = 0;
        for (int i = 0; i < m.count(); ++i) {
          CHECK(m.begin(i) == next);
          CHECK(m.size(i) >= (no_single ? 2 : 1));
          if (size > 0) CHECK(m.size(i) <= size + no_single);
          next += m.size(i);
        }
        CHECK(next == rows);
      }
  CHECK(Minibatches(9, 4, false).count() == 3);
  CHECK(Minibatches(9, 4, true).size(1) == 5);
}

TEST_CASE("schedules of the learning rate and the clip range, and the updates counted") {
  const Registry environments = Registry::builtin();
  TrainSettings s = joint("ppo", "CartPole-v1", "float64");
  s.epochs = 4;
  s.ppo.clip_schedule = "linear";
  s.policy.optimiser.schedule = "linear:0.5";
  Ppo<double> ppo(s, environments);
  for (int i = 0; i < 4; ++i) {
    const Metrics m = ppo.epoch(1);
    CHECK(metric(m, "train/clip_range") == doctest::Approx(0.2 * (1 - i / 4.0)));
    CHECK(metric(m, "train/learning_rate") == doctest::Approx(0.003 * (1 - i / 8.0)));
    CHECK(metric(m, "train/n_updates") == 3 * (i + 1));
  }
}

TEST_CASE("target_kl stops the update before the step; a critic of its own goes on") {
  const Registry environments = Registry::builtin();
  TrainSettings s = joint("ppo", "CartPole-v1", "float64");
  s.ppo.passes = 10;
  s.policy.optimiser.learning_rate = 0.05;
  s.ppo.target_kl = 0.01;
  Ppo<double> stopped(s, environments);
  const double passes = metric(stopped.epoch(1), "train/n_updates");
  CHECK(passes < 10);
  s.ppo.target_kl = 0;
  Ppo<double> free(s, environments);
  CHECK(metric(free.epoch(1), "train/n_updates") == 10);

  const auto part = [](const Ppo<double>& a, ParameterRange range) {
    const auto all = parameters_of<double>(a);
    return std::vector<double>(all.begin() + range.begin, all.begin() + range.end);
  };
  s.ppo.optimisers = "separate";
  s.ppo.target_kl = 1e-6;
  Ppo<double> one(s, environments);
  CHECK(metric(one.epoch(1), "train/n_updates") == 10);
  s.ppo.passes = 1;
  Ppo<double> two(s, environments);
  two.epoch(1);
  const auto policy = one.agent().policy_range(), critic = one.agent().critic_range();
  CHECK(same_bits(part(one, policy), part(two, policy)));
  CHECK_FALSE(same_bits(part(one, critic), part(two, critic)));
}

TEST_CASE_TEMPLATE("a steady joint update allocates nothing", T, float, double) {
  const Registry environments = Registry::builtin();
  TrainSettings s = joint("ppo", "CartPole-v1", scalar_name<T>());
  s.ppo.value_clip = 0.2;
  Agent<T> agent(environments.spec("CartPole-v1"), s.policy, &s.critic, 3);
  const auto env = environments.make<T>("CartPole-v1", 6, 11);
  Rollout<T> rollout;
  Collector<T>(agent, *env, 12).collect(50, 1, rollout);
  const std::vector<T> estimate(300, T(0.5));
  JointLearner<T> learner(agent, ppo_loss(agent, s), s.policy, s.critic, false);
  learner.set("clip", 0.2);
  learner.set("value_clip", 0.2);
  learner.set("advantage_scale", 1);
  std::vector<std::int32_t> rows(300), order;
  std::iota(rows.begin(), rows.end(), 0);
  Shuffler shuffle;
  const auto update = [&](std::uint32_t pass) {
    shuffle(rows, Random(1, Purpose::shuffle), pass, order);
    for (int begin = 0; begin < 300; begin += 64) {
      learner.bind(rollout, {estimate.data(), estimate.data(), estimate.data()}, order.data(), begin,
                   std::min(64, 300 - begin));
      learner.differentiate(2);
      learner.step();
    }
  };
  update(0);
  const std::size_t before = allocations;
  for (std::uint32_t pass = 1; pass < 4; ++pass) update(pass);
  CHECK(allocations == before);
}

TEST_CASE("settings that do not go together are refused by name") {
  const auto with = [](const std::string& algorithm, const std::function<void(TrainSettings&)>& change) {
    TrainSettings s = joint(algorithm, "CartPole-v1", "float64");
    change(s);
    return refusal(s);
  };
  using S = TrainSettings&;
  CHECK(with("ppo", [](S) {}) == "nothing was thrown");
  CHECK(with("a2c-joint", [](S) {}) == "nothing was thrown");
  CHECK(with("ppo", [](S s) { s.minibatch = 1; }) ==
        "minibatch: 1 row has no deviation by which its advantage could be normalised; raise minibatch, or set "
        "advantage.normalise=false");
  CHECK(with("ppo", [](S s) {
          s.minibatch = 1;
          s.advantage.normalise = false;
        }) == "nothing was thrown");
  CHECK(with("ppo", [](S s) {
          s.critic.kind = "shared";
          s.ppo.optimisers = "separate";
        }) == "critic.kind: shared layers cannot have two optimisers; set ppo.optimisers=joint, or critic.kind=mlp");
  CHECK(with("a2c", [](S s) { s.critic.kind = "shared"; }) ==
        "critic.kind: a2c has two optimisers, and shared layers cannot have two; set critic.kind=mlp, or "
        "algorithm=a2c-joint");
  CHECK(with("a2c-joint", [](S s) { s.minibatch = 20; }) ==
        "minibatch: a2c-joint takes one step on the whole rollout; set minibatch=0, or algorithm=ppo");
  CHECK(with("ppo", [](S s) { s.ppo.clip = 0; }) == "ppo.clip: \"0\" is not allowed; give a number more than 0");
  CHECK(with("ppo", [](S s) { s.ppo.clip_schedule = "liner"; }).find("schedule") != std::string::npos);
  CHECK(with("ppo", [](S s) { s.policy.distribution.name = "gaussian"; }).find("CartPole-v1") != std::string::npos);
}

TEST_CASE("a shared critic is a head on the policy's hidden layers") {
  const Registry environments = Registry::builtin();
  TrainSettings s = joint("ppo", "CartPole-v1", "float64");
  s.critic.kind = "shared";
  Ppo<double> ppo(s, environments);
  CHECK(ppo.layout().find("critic.0.weight").columns == 9);
  CHECK_FALSE(ppo.layout().contains("critic.2.weight"));
  const auto before = parameters_of<double>(ppo);
  const Metrics m = ppo.epoch(1);
  CHECK(std::isfinite(metric(m, "train/explained_variance")));
  CHECK_FALSE(same_bits(before, parameters_of<double>(ppo)));
}
