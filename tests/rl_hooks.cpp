#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/a2c_joint.hpp>
#include <pigrad/rl/ppo.hpp>

using namespace pigrad;

namespace {

TrainSettings small(const char* algorithm) {
  TrainSettings s;
  s.algorithm = algorithm;
  s.copies = 4;
  s.steps = 40;
  s.epochs = 6;
  s.policy.network.hidden = s.critic.network.hidden = {8};
  if (s.algorithm == "a2c-joint") return s;
  s.minibatch = 50;
  if (s.algorithm == "a2c") s.policy.steps_per_minibatch = 2, s.critic.steps_per_minibatch = 3;
  return s;
}

template <class A>
std::vector<double> parameters(const A& algorithm) {
  const auto& p = algorithm.agent().parameters();
  return {p.data(), p.data() + algorithm.layout().size()};
}

struct Count {
  std::vector<Episode> episodes;
  std::vector<std::string> steps;
  std::vector<int> rows;
  int epochs = 0;
};

/// What every algorithm owes its hooks: episodes as the rollout has them, gradients of the norm that is told, the same
/// bits as without.
template <class A>
Count follow(const TrainSettings& settings, bool whole_vector = true) {
  const Registry environments = Registry::builtin();
  A plain(settings, environments), hooked(settings, environments);
  Count count;
  std::map<std::string, std::vector<double>> norms;  // of two optimisers: squares that add up to the whole
  Hooks<double> hooks;
  hooks.episode = [&](const Episode& e) { count.episodes.push_back(e); };
  hooks.step = [&](const StepEnd<double>& s) {
    count.steps.push_back(s.optimiser);
    count.rows.push_back(s.rows);
    double squares = 0;
    for (const double g : s.gradient) squares += g * g;
    if (whole_vector) CHECK(std::sqrt(squares) == doctest::Approx(s.grad_norm).epsilon(1e-12));
    if (!whole_vector) norms[s.optimiser].push_back(s.grad_norm * s.grad_norm - (s.optimiser[0] == 'c' ? squares : 0));
    CHECK(std::isfinite(s.loss));
  };
  hooks.epoch = [&](Metrics& metrics) {
    ++count.epochs;
    CHECK(hooked.epochs_done() == count.epochs);
    metrics.emplace_back("own/epochs", count.epochs);
    return true;
  };
  hooked.attach(hooks);
  std::size_t ended = 0;
  for (int i = 0; i < settings.epochs; ++i) {
    plain.epoch(1);
    const Metrics metrics = hooked.epoch(1);
    double own = 0;
    for (const auto& [name, value] : metrics)
      if (name == "own/epochs") own = value;
    CHECK(own == i + 1);
    for (const Episode& e : hooked.episodes()) {
      REQUIRE(ended < count.episodes.size());
      CHECK(count.episodes[ended].total == e.total);
      CHECK(count.episodes[ended++].length == e.length);
    }
  }
  for (std::size_t i = 0; i < norms["policy_optimiser"].size(); ++i)
    CHECK(norms["policy_optimiser"][i] == doctest::Approx(-norms["critic_optimiser"].at(i)).epsilon(1e-9));
  CHECK(ended > 0);
  CHECK(ended == count.episodes.size());
  CHECK(parameters(plain) == parameters(hooked));
  return count;
}

long named(const Count& count, const std::string& optimiser) {
  return std::count(count.steps.begin(), count.steps.end(), optimiser);
}

}  // namespace

TEST_CASE("hooks of a2c see each step of both optimisers, with the rows of its minibatch") {
  const Count count = follow<A2c<double>>(small("a2c"));
  CHECK(named(count, "policy_optimiser") == 6 * 4 * 2);
  CHECK(named(count, "critic_optimiser") == 6 * 4 * 3);
  CHECK(static_cast<long>(count.steps.size()) == 6 * 4 * 5);
  CHECK(std::count(count.rows.begin(), count.rows.end(), 10) == 6 * 5);
  CHECK(std::count(count.rows.begin(), count.rows.end(), 50) == 6 * 3 * 5);
}

TEST_CASE("hooks of the joint losses see one optimiser") {
  const Count joint = follow<A2cJoint<double>>(small("a2c-joint"));
  CHECK(named(joint, "policy_optimiser") == 6);
  CHECK(joint.rows == std::vector<int>(6, 160));
  TrainSettings settings = small("ppo");
  settings.ppo.passes = 3;
  const Count ppo = follow<Ppo<double>>(settings);
  CHECK(named(ppo, "policy_optimiser") == 6 * 3 * 4);
  CHECK(ppo.steps.size() == ppo.rows.size());
  settings.ppo.optimisers = "separate";
  const Count separate = follow<Ppo<double>>(settings, false);
  CHECK(named(separate, "policy_optimiser") == 6 * 3 * 4);
  CHECK(named(separate, "critic_optimiser") == 6 * 3 * 4);
}

TEST_CASE("an epoch's hook ends the run, and only the run") {
  const Registry environments = Registry::builtin();
  A2c<double> algorithm(small("a2c"), environments);
  Hooks<double> hooks;
  hooks.epoch = [&](Metrics&) { return algorithm.epochs_done() != 3; };
  algorithm.attach(hooks);
  CHECK_FALSE(algorithm.stopped());
  algorithm.run(1);
  CHECK(algorithm.stopped());
  CHECK(algorithm.epochs_done() == 3);
  algorithm.epoch(1);
  CHECK_FALSE(algorithm.stopped());
  algorithm.run(1);
  CHECK(algorithm.epochs_done() == 6);
}
