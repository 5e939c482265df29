#include <doctest/doctest.h>

#include <pigrad/core/error.hpp>
#include <pigrad/lab/exact.hpp>
#include <pigrad/lab/quality.hpp>
#include <pigrad/lab/reference.hpp>
#include <pigrad/rl/a2c.hpp>

using namespace pigrad;
using namespace pigrad::lab;
using doctest::Approx;

namespace {

TrainSettings settings_of(const char* environment) {
  TrainSettings s;
  s.environment = environment;
  s.gamma = 0.9;
  s.policy.network.hidden = {8};
  s.critic.network.hidden = {8};
  return s;
}

/// The agent's policy on the matrices of its environment, its time limit included.
template <class T>
std::vector<double> exact_of(const Agent<T>& agent, const FiniteMdp& mdp, int limit, double* objective) {
  const FiniteMdp timed = with_horizon(mdp, limit);
  FinitePolicy policy(timed, agent.layout(), [&](Tape&, const Tensor& obs) { return agent.policy(obs); });
  const Parameters<T>& p = agent.parameters();
  policy.set_parameters({p.data(), p.data() + p.size()});
  *objective = solve(timed, policy).objective;
  return exact_gradient(timed, policy);
}

// env/chain.hpp's two features: the end looks like state 1.
FiniteMdp chain_as_seen() {
  FiniteMdp mdp = chain_mdp(0.9);
  mdp.features = 2;
  mdp.feature = {1, 0, 0, 1, 0, 1};
  return mdp;
}

template <class T>
void check_chain() {
  const Registry environments = Registry::builtin();
  const A2c<T> a(settings_of("Chain-v0"), environments.spec("Chain-v0"));
  double objective = 0;
  const std::vector<double> truth = exact_of(a.agent(), chain_as_seen(), 50, &objective);
  ReferenceSettings settings;
  settings.steps = 100000;
  settings.groups = 200;
  settings.gamma = 0.9;
  for (const bool baseline : {false, true}) {
    settings.psi.baseline = baseline;
    const ReferenceGradient found = reference_gradient(a.agent(), environments, "Chain-v0", settings);
    CHECK(found.steps >= 100000);
    CHECK(found.groups >= 200);
    CHECK(found.episodes == found.groups * 64);
    const double off = distance(found.mean, truth);
    CHECK(off < 2.5 * found.standard_error);
    CHECK(found.standard_error < 0.1 * norm(truth));
    CHECK(measure(found.gradients, truth, 0.999).length.contains(1));
    CHECK(std::abs(found.objective.value - objective) < 2 * (found.objective.high - found.objective.low));
    std::vector<double> wrong = truth;
    for (double& x : wrong) x *= 1.5;
    CHECK(distance(found.mean, wrong) > 4 * found.standard_error);
  }
}

}  // namespace

TEST_CASE("a reference gradient agrees with the exact one within its own error, in float and double") {
  check_chain<double>();
  check_chain<float>();
}

TEST_CASE("continuous actions: the same from any number of threads, and a smaller error from more steps") {
  const Registry environments = Registry::builtin();
  TrainSettings s = settings_of("Pendulum-v1");
  s.policy.distribution.name = "gaussian";
  const A2c<float> a(s, environments.spec("Pendulum-v1"));
  ReferenceSettings settings;
  settings.steps = 20000, settings.episodes = 4, settings.groups = 16;
  const ReferenceGradient one = reference_gradient(a.agent(), environments, "Pendulum-v1", settings);
  settings.threads = 3;
  const ReferenceGradient three = reference_gradient(a.agent(), environments, "Pendulum-v1", settings);
  CHECK(one.gradients == three.gradients);
  settings.steps = 80000;
  const ReferenceGradient more = reference_gradient(a.agent(), environments, "Pendulum-v1", settings);
  CHECK(more.standard_error < 0.8 * one.standard_error);
  CHECK(distance(more.mean, one.mean) < 3 * one.standard_error);
}

TEST_CASE("what has no reference gradient is refused in words") {
  const Registry environments = Registry::builtin();
  const A2c<double> a(settings_of("Chain-v0"), environments.spec("Chain-v0"));
  ReferenceSettings settings;
  settings.psi.normalise = true;
  CHECK_THROWS_AS(reference_gradient(a.agent(), environments, "Chain-v0", settings), Error);
  settings = {};
  settings.groups = 1;
  CHECK_THROWS_AS(reference_gradient(a.agent(), environments, "Chain-v0", settings), Error);
  const Agent<double> bare(environments.spec("Chain-v0"), settings_of("Chain-v0").policy, nullptr, 1);
  settings = {};
  settings.psi.estimator = "gae";
  CHECK_THROWS_AS(reference_gradient(bare, environments, "Chain-v0", settings), Error);
}
