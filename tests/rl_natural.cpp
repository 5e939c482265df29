#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cmath>
#include <map>
#include <pigrad/rl/npg.hpp>
#include <pigrad/rl/trpo.hpp>

using namespace pigrad;

namespace {

TrainSettings small(const std::string& algorithm, const std::string& environment = "CartPole-v1") {
  TrainSettings s;
  s.algorithm = algorithm;
  s.environment = environment;
  s.scalar = "float64";
  s.copies = 4;
  s.steps = 50;
  s.epochs = 8;
  s.minibatch = 50;
  s.policy.network.hidden = s.critic.network.hidden = {5};
  if (environment == "Pendulum-v1") s.policy.distribution.name = "gaussian";
  return s;
}

template <class A>
std::vector<double> parameters(const A& a) {
  return {a.agent().parameters().data(), a.agent().parameters().data() + a.layout().size()};
}

std::map<std::string, double> by_name(const Metrics& metrics) { return {metrics.begin(), metrics.end()}; }

/// Adam's steps on the critic alone leave the policy where it is: what the policy's step did.
template <class A>
Eigen::VectorXd policy_step(const A& a, const std::vector<double>& before) {
  const ParameterRange range = a.agent().policy_range();
  Eigen::VectorXd step(range.size());
  for (int i = range.begin; i < range.end; ++i)
    step[i - range.begin] = a.agent().parameters().data()[i] - before[static_cast<std::size_t>(i)];
  return step;
}

}  // namespace

TEST_CASE("npg's step is along (F + λI)⁻¹g, as long as the KL allows or as its rate says") {
  for (const char* environment : {"CartPole-v1", "Pendulum-v1"}) {
    CAPTURE(std::string(environment));
    for (const double rate : {0.0, 0.05}) {
      TrainSettings s = small("npg", environment);
      s.natural.iterations = 200;
      s.natural.tolerance = 1e-14;
      s.natural.damping = 0.05;
      s.natural.rate = rate;
      const Registry environments = Registry::builtin();
      Npg<double> a(s, environments);
      const std::vector<double> before = parameters(a);
      std::vector<double> gradient;
      Hooks<double> hooks;
      hooks.step = [&](const StepEnd<double>& step) {
        if (step.optimiser == "policy") gradient = step.gradient;
      };
      a.attach(hooks);
      const auto m = by_name(a.epoch(1));
      REQUIRE(gradient.size() == before.size());

      Npg<double> still(s, environments);
      FisherProduct<double> fisher(still.agent());
      fisher.bind(a.rollout().rows(), a.rollout().obs.data(), a.rollout().rows());
      const int n = a.agent().policy_range().size();
      Eigen::MatrixXd matrix(n, n);
      Eigen::VectorXd g(n);
      std::vector<double> unit(before.size()), product(before.size());
      for (int j = 0; j < n; ++j) {
        unit.assign(unit.size(), 0.0);
        unit[static_cast<std::size_t>(j)] = 1;
        fisher(unit.data(), product.data());
        for (int i = 0; i < n; ++i)
          matrix(i, j) = product[static_cast<std::size_t>(i)] + (i == j ? s.natural.damping : 0);
        g[j] = gradient[static_cast<std::size_t>(j)];
      }
      const Eigen::VectorXd x = matrix.ldlt().solve(g), step = policy_step(a, before);
      const double alpha = rate > 0 ? rate : std::sqrt(2 * s.natural.max_kl / x.dot(matrix * x));
      CHECK((step + alpha * x).norm() < 1e-9 * step.norm());
      CHECK(m.at("train/natural_step") == doctest::Approx(alpha).epsilon(1e-9));
      CHECK(m.at("train/natural_cosine") == doctest::Approx(x.dot(g) / (x.norm() * g.norm())).epsilon(1e-9));
      CHECK(m.at("train/policy_grad_norm") == doctest::Approx(g.norm()).epsilon(1e-12));
      if (rate == 0) CHECK(m.at("train/kl") == doctest::Approx(s.natural.max_kl).epsilon(0.3));
    }
  }
}

TEST_CASE("trpo never takes a step that breaks the limit or makes the surrogate worse") {
  int shortened = 0, refused = 0;
  for (const double max_kl : {0.01, 0.5, 5.0})
    for (const char* environment : {"CartPole-v1", "Pendulum-v1"}) {
      TrainSettings s = small("trpo", environment);
      s.natural.max_kl = max_kl;
      s.natural.damping = 1e-3;
      s.natural.backtracks = 3;
      s.natural.shrink = 0.5;
      const Registry environments = Registry::builtin();
      Trpo<double> a(s, environments);
      for (int epoch = 0; epoch < s.epochs; ++epoch) {
        const std::vector<double> before = parameters(a);
        const auto m = by_name(a.epoch(1));
        CHECK(m.at("train/kl") <= max_kl);
        const bool moved = m.at("train/natural_step") > 0;
        CHECK((policy_step(a, before).norm() > 0) == moved);
        CHECK((m.at("train/policy_loss_change") < 0) == moved);
        shortened += moved && m.at("train/line_search_steps") > 1;
        refused += !moved;
        if (!moved) CHECK(m.at("train/line_search_steps") == 4);
        CHECK(m.at("train/line_search_worse") + m.at("train/line_search_too_far") >=
              m.at("train/line_search_steps") - moved);
      }
    }
  CHECK(shortened > 3);
  CHECK(refused > 0);
}

TEST_CASE("neither threads nor a checkpoint change a bit") {
  const Registry environments = Registry::builtin();
  for (const char* name : {"npg", "trpo"}) {
    TrainSettings s = small(name);
    s.steps = 300;
    s.natural.fisher_every = 3;
    s.policy.entropy_bonus = 0.01;
    const auto one = make_algorithm(s, environments), three = make_algorithm(s, environments),
               again = make_algorithm(s, environments);
    State state;
    for (int epoch = 0; epoch < 4; ++epoch) {
      one->epoch(1), three->epoch(3);
      if (epoch == 1) one->save(state);
    }
    again->load(state);
    again->epoch(2), again->epoch(1);
    State a, b, c;
    one->save(a), three->save(b), again->save(c);
    for (const Segment& segment : one->layout().segments()) {
      CHECK(a.doubles(segment.name) == b.doubles(segment.name));
      CHECK(a.doubles(segment.name) == c.doubles(segment.name));
    }
  }
}

TEST_CASE("a Fisher matrix of every third row is that of those rows") {
  TrainSettings s = small("npg");
  const Registry environments = Registry::builtin();
  s.natural.fisher_every = 7;
  Npg<double> few(s, environments);
  s.natural.fisher_every = 1;
  Npg<double> all(s, environments);
  few.epoch(1), all.epoch(1);
  CHECK(parameters(few) != parameters(all));
}

TEST_CASE("what is not finite is said before a parameter moves") {
  TrainSettings s = small("trpo");
  s.advantage.normalise = false;
  Trpo<double> a(s, Registry::builtin());
  a.epoch(1);
  Rollout<double> bad = a.rollout();
  bad.log_prob[37] = -1e6;
  const std::vector<double> before = parameters(a);
  std::string said;
  try {
    a.learn(bad);
  } catch (const Error& error) {
    said = error.what();
  }
  for (const char* part : {"not finite: node ", "ratio", "sample 37 is step 9 of copy 1: obs = ", "policy.2"})
    CHECK_MESSAGE(said.find(part) != std::string::npos, said);
  CHECK(policy_step(a, before).norm() == 0);
}

TEST_CASE("both learn the chain of CartPole's first steps") {
  const Registry environments = Registry::builtin();
  for (const char* name : {"npg", "trpo"}) {
    TrainSettings s = small(name);
    s.scalar = "float32";
    s.copies = 8;
    s.steps = 250;
    s.minibatch = 0;
    s.policy.network.hidden = s.critic.network.hidden = {32};
    s.critic.steps_per_minibatch = 40;
    s.natural.max_kl = 0.02;
    s.natural.damping = 0.01;
    const auto a = make_algorithm(s, environments);
    for (int epoch = 0; epoch < 15; ++epoch) a->epoch(1);
    CHECK(a->evaluate(50, true, 1).mean > 150);
  }
}
