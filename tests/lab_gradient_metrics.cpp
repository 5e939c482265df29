#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <pigrad/lab/gradient_metrics.hpp>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/a2c_joint.hpp>
#include <pigrad/rl/ppo.hpp>
#include <set>

using namespace pigrad;

namespace {

TrainSettings small(const std::string& algorithm) {
  TrainSettings s;
  s.algorithm = algorithm;
  s.copies = 4;
  s.steps = 40;
  s.epochs = 7;
  s.policy.network.hidden = s.critic.network.hidden = {8};
  s.advantage.epsilon = 1e-8;
  if (algorithm != "a2c-joint") s.minibatch = 50;
  if (algorithm != "reinforce") return s;
  s.advantage.estimator = "return_to_go";
  s.advantage.baseline = false;
  s.boundary.truncation = "terminate";
  s.boundary.edge = "last_reward";
  return s;
}

State state_of(const Algorithm& algorithm) {
  State state;
  algorithm.save(state);
  return state;
}

/// Every parameter, in float.
std::vector<float> parameters(const Algorithm& algorithm) {
  const State state = state_of(algorithm);
  std::vector<float> all;
  for (const Segment& s : algorithm.layout().segments()) {
    const auto& values = state.reals<float>(s.name, s.size());
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

std::map<std::string, double> by_name(const Metrics& metrics) { return {metrics.begin(), metrics.end()}; }

bool is_time(const std::string& name) { return name.rfind("time/", 0) == 0; }

}  // namespace

TEST_CASE("measuring changes no bit, and an epoch's metrics are always the same ones") {
  const Registry environments = Registry::builtin();
  for (const AlgorithmEntry& entry : algorithms()) {
    CAPTURE(std::string(entry.name));
    for (const char* values : {"rollout", "refitted"}) {
      TrainSettings s = small(entry.name);
      const bool with_critic = std::string(entry.name) != "reinforce";
      const bool joint = std::string(entry.name) == "ppo" || std::string(entry.name) == "a2c-joint";
      if (std::string(values) == "refitted" && (joint || !with_critic)) continue;
      s.advantage.values = values;
      s.policy.entropy_bonus = 0.01;
      const auto plain = make_algorithm(s, environments), watched = make_algorithm(s, environments);
      const auto measuring = measure_gradients(*watched, 3);
      std::vector<std::string> names;
      for (int epoch = 0; epoch < s.epochs; ++epoch) {
        const Metrics without = plain->epoch(1), with = watched->epoch(1);
        for (const auto& one : without) {
          const double theirs = by_name(with).at(one.first);
          const bool same = theirs == one.second || (std::isnan(theirs) && std::isnan(one.second));
          if (!is_time(one.first)) CHECK_MESSAGE(same, one.first);
        }
        std::vector<std::string> now;
        for (const auto& one : with) now.push_back(one.first);
        if (names.empty()) names = now;
        CHECK(now == names);
        const auto m = by_name(with);
        CHECK(std::isfinite(m.at("grad/actor/all/norm")) == (epoch % 3 == 0));
        CHECK(std::isfinite(m.at("grad/entropy/policy.0/trace")) == (epoch % 3 == 0));
        CHECK(m.count("grad/actor/critic.0/norm") == 0);
        CHECK(m.count("grad/critic/critic.0/norm") == with_critic);
        if (epoch % 3 != 0) continue;
        CHECK(m.at("grad/estimates") == 4);
        CHECK(m.at("grad/actor/all/cosine") <= 1);
        CHECK(m.at("grad/actor/all/snr") ==
              doctest::Approx(m.at("grad/actor/all/signal") / (m.at("grad/actor/all/trace") / 4)));
        CHECK(m.at("grad/update/policy.0") > 0);
        if (with_critic) CHECK(m.at("grad/update/critic.2") > 0);
        if (epoch > 0) CHECK(std::abs(m.at("grad/policy/cosine_previous")) <= 1);
      }
      CHECK(parameters(*plain) == parameters(*watched));
      CHECK(measuring->words().find("measured in 3 updates") != std::string::npos);
    }
  }
  TrainSettings s = small("a2c");
  const auto algorithm = make_algorithm(s, environments);
  CHECK_THROWS_WITH_AS(measure_gradients(*algorithm, 0), "grad_metrics: every 0 updates; give at least 1", Error);
}

TEST_CASE("the actor's and the critic's norms are those of the step down the whole rollout") {
  for (const int copies : {4, 1}) {  // of one copy trajectories, some longer than others
    TrainSettings s = small("a2c");
    s.copies = copies;
    s.steps = 160 / copies;
    s.minibatch = 0;
    s.scalar = "float64";
    const Registry environments = Registry::builtin();
    A2c<double> algorithm(s, environments);
    std::map<std::string, double> first;
    Hooks<double> hooks;
    hooks.step = [&](const StepEnd<double>& step) { first.emplace(step.optimiser, step.grad_norm); };
    const auto measuring = measure_gradients(algorithm, 1, hooks);
    const auto m = by_name(algorithm.epoch(1));
    CHECK(m.at("grad/actor/all/norm") == doctest::Approx(first.at("policy_optimiser")).epsilon(1e-12));
    CHECK(m.at("grad/critic/all/norm") == doctest::Approx(first.at("critic_optimiser")).epsilon(1e-12));
    const double layers = std::hypot(m.at("grad/actor/policy.0/norm"), m.at("grad/actor/policy.2/norm"));
    CHECK(layers == doctest::Approx(m.at("grad/actor/all/norm")).epsilon(1e-12));
  }
}

TEST_CASE("a joint loss's terms add up to its gradient, and clipping is told") {
  TrainSettings s = small("a2c-joint");
  s.policy.entropy_bonus = 0.1;
  s.policy.optimiser.max_grad_norm = 1e-3;
  const Registry environments = Registry::builtin();
  A2cJoint<double> algorithm(s, environments);
  double norm = 0;
  Hooks<double> hooks;
  hooks.step = [&](const StepEnd<double>& step) { norm = step.grad_norm; };
  const auto measuring = measure_gradients(algorithm, 1, hooks);
  const auto m = by_name(algorithm.epoch(1));
  CHECK(m.at("grad/policy/steps_clipped") == 1);
  CHECK(m.at("grad/policy/norm_cut") == doctest::Approx(1 - 1e-3 / norm));
  const double critic = m.at("grad/critic/all/norm"), policy = std::sqrt(norm * norm - critic * critic);
  CHECK(std::abs(policy - m.at("grad/actor/all/norm")) <= m.at("grad/entropy/all/norm") * (1 + 1e-9));
}

TEST_CASE("of one copy each trajectory is an estimate, and what the clip throws away grows with the steps") {
  const Registry environments = Registry::builtin();
  double before = -1;
  for (const double rate : {1e-12, 1e-2}) {
    TrainSettings s = small("ppo");
    s.copies = 1;
    s.steps = 200;
    s.ppo.passes = 4;
    s.policy.optimiser.learning_rate = rate;
    Ppo<double> algorithm(s, environments);
    const auto measuring = measure_gradients(algorithm, 1, Hooks<double>{});
    const auto m = by_name(algorithm.epoch(1));
    const auto ended = static_cast<double>(algorithm.rollout().episodes.size());
    CHECK(m.at("grad/estimates") >= ended);
    CHECK(m.at("grad/estimates") <= ended + 1);
    CHECK(m.at("grad/clip/mass") > before);
    CHECK((m.at("grad/clip/cosine") < 1 - 1e-6) == (rate > 1e-6));
    CHECK((m.at("grad/clip/norm_kept") < 1 - 1e-6) == (rate > 1e-6));
    if (before < 0) CHECK(m.at("grad/clip/mass") == 0);
    before = m.at("grad/clip/mass");
  }
}

TEST_CASE("a run that was saved and gone on with measures the same") {
  const Registry environments = Registry::builtin();
  const TrainSettings s = small("a2c");
  const auto whole = make_algorithm(s, environments), begun = make_algorithm(s, environments),
             gone_on = make_algorithm(s, environments);
  const auto of_whole = measure_gradients(*whole, 3), of_begun = measure_gradients(*begun, 3);
  for (int epoch = 0; epoch < 3; ++epoch) begun->epoch(1);
  State state = state_of(*begun);
  of_begun->save(state);
  gone_on->load(state);
  const auto of_gone_on = measure_gradients(*gone_on, 3);
  of_gone_on->load(state);
  for (int epoch = 0; epoch < s.epochs; ++epoch) {
    const Metrics expected = whole->epoch(1);
    if (epoch < 3) continue;
    const auto found = by_name(gone_on->epoch(1));
    for (const auto& one : expected) {
      const double theirs = found.at(one.first);
      const bool same = theirs == one.second || (std::isnan(theirs) && std::isnan(one.second));
      if (!is_time(one.first)) CHECK_MESSAGE(same, one.first);
    }
  }
  CHECK(of_gone_on->words() == of_whole->words());
}
