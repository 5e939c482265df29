#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/env/registry.hpp>
#include <pigrad/env/trace.hpp>
#include <pigrad/lab/exact.hpp>
#include <pigrad/lab/quality.hpp>
#include <string>

using namespace pigrad;
using namespace pigrad::lab;
using doctest::Approx;

namespace {

// Largest |∂J/∂θ_k − its difference|, fourth order, relative to ‖∇J‖, or to J where J is the same for every policy.
double worst_difference(const FiniteMdp& mdp, const FinitePolicy& policy) {
  const std::vector<double> gradient = exact_gradient(mdp, policy);
  double worst = 0;
  const double h = 1e-3;
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    const auto at = [&](double step) {
      std::vector<double> theta = policy.parameters();
      theta[k] += step;
      return exact_objective(mdp, policy, theta);
    };
    const double difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    worst = std::max(worst, std::abs(difference - gradient[k]));
  }
  const double scale = norm(gradient);
  return worst / (scale > 1e-12 ? scale : exact_objective(mdp, policy, policy.parameters()));
}

std::string state_text(const std::vector<double>& state) {
  std::string text;
  for (const double x : state) text += std::to_string(x) + " ";
  return text;
}

}  // namespace

TEST_CASE("chain: V, Q, A, visits and J by hand") {
  const FiniteMdp mdp = chain_mdp(0.9);
  mdp.check();
  const double p = 0.3;
  const Exact e = solve(mdp, {1 - p, p, 1 - p, p, 0.5, 0.5});
  // V₁ = p + (1−p)γV₀, V₀ = pγV₁ + (1−p)γV₀
  const double v0 = 0.9 * p * p / (1 - 0.9 * (1 - p) - 0.81 * p * (1 - p)), v1 = p + (1 - p) * 0.9 * v0;
  CHECK(e.v[0] == Approx(v0).epsilon(1e-14));
  CHECK(e.v[1] == Approx(v1).epsilon(1e-14));
  CHECK(e.v[2] == 0);
  CHECK(e.objective == Approx(v0).epsilon(1e-14));
  CHECK(e.q_at(1, 1) == Approx(1).epsilon(1e-14));
  CHECK(e.q_at(1, 0) == Approx(0.9 * v0).epsilon(1e-14));
  // Steps to two successes in a row: 1/p + 1/p².
  CHECK(e.length == Approx(1 / p + 1 / (p * p)).epsilon(1e-12));
  CHECK(e.visits[0] == Approx(1 / (p * p)).epsilon(1e-12));
  CHECK(e.visits[1] == Approx(1 / p).epsilon(1e-12));
  for (int s = 0; s < 2; ++s) {
    const auto i = static_cast<std::size_t>(2 * s);
    CHECK(std::abs((1 - p) * e.advantage[i] + p * e.advantage[i + 1]) < 1e-15);
  }
}

TEST_CASE("matrices say what the environments do") {
  const Registry environments = Registry::builtin();
  const FiniteMdp grid = grid_world_mdp(0.9), chain = chain_mdp(0.9);
  for (int cell = 0; cell < 15; ++cell)
    for (int a = 0; a < 4; ++a) {
      const Trace played =
          trace(environments, "GridWorld-v0", {static_cast<double>(cell / 4), static_cast<double>(cell % 4)},
                {static_cast<double>(a)}, 1);
      CAPTURE(state_text(played.observed));
      for (int k = 0; k < 16; ++k) {
        CHECK(played.observed[static_cast<std::size_t>(k)] == grid.feature[static_cast<std::size_t>(16 * cell + k)]);
        const double moved = played.steps[0].observation[static_cast<std::size_t>(k)];
        CHECK(moved == grid.transition[grid.at(cell, a, k)]);
        if (moved == 1) CHECK(played.steps[0].reward == grid.reward[grid.at(cell, a, k)]);
        if (moved == 1) CHECK(played.steps[0].terminated == (grid.terminal[static_cast<std::size_t>(k)] != 0));
      }
    }
  for (int s = 0; s < 2; ++s)
    for (int a = 0; a < 2; ++a) {
      const Trace played = trace(environments, "Chain-v0", {static_cast<double>(s)}, {static_cast<double>(a)}, 1);
      const bool end = chain.transition[chain.at(s, a, 2)] == 1;
      CHECK(played.steps[0].terminated == end);
      CHECK(played.steps[0].reward == chain.mean_reward(s, a));
      if (!end) CHECK(played.steps[0].observation[1] == chain.transition[chain.at(s, a, 1)]);
    }
}

TEST_CASE("exact gradients agree with differences of J to 1e-8: tables, linear, networks, horizons, γ = 1") {
  const RandomMdpOptions rich{.states = 9, .actions = 3, .branches = 4, .end = 0.1, .features = 5, .gamma = 0.95};
  const RandomMdpOptions endless{.states = 7, .actions = 2, .branches = 3, .end = 0, .gamma = 0.9};
  const RandomMdpOptions undiscounted{.states = 7, .actions = 4, .branches = 3, .end = 0.2, .gamma = 1};
  for (const FiniteMdp& mdp :
       {chain_mdp(0.9), chain_mdp(1), grid_world_mdp(0.95), random_mdp(1, rich), random_mdp(2, endless),
        random_mdp(3, undiscounted), with_horizon(chain_mdp(1), 5), with_horizon(random_mdp(2, endless), 7)}) {
    CAPTURE(mdp.name);
    mdp.check();
    FinitePolicy table = FinitePolicy::linear(mdp);
    table.randomise(4, 0.7);
    CHECK(worst_difference(mdp, table) < 1e-8);
    const FinitePolicy network = FinitePolicy::network(mdp, {.hidden = {6, 5}, .activation = Activation::tanh}, 7);
    CHECK(worst_difference(mdp, network) < 1e-8);
  }
}

TEST_CASE("the policy-gradient theorem: expected length × Σ μ(s) Σ_a Q ∇π, and finite differences") {
  const FiniteMdp mdp = random_mdp(5, {.states = 6, .actions = 3, .end = 0.2, .gamma = 1});
  FinitePolicy policy = FinitePolicy::linear(mdp);
  policy.randomise(6, 0.5);
  const Exact e = solve(mdp, policy);
  const std::vector<double> scores = policy.scores(), gradient = exact_gradient(mdp, policy);
  const auto parameters = static_cast<std::size_t>(policy.size());
  std::vector<double> sum(parameters);
  for (int s = 0; s < mdp.states; ++s) {
    const double mu = mdp.terminal[static_cast<std::size_t>(s)] ? 0 : e.visits[static_cast<std::size_t>(s)] / e.length;
    for (int a = 0; a < mdp.actions; ++a)
      for (std::size_t k = 0; k < parameters; ++k)
        sum[k] += e.length * mu * e.q_at(s, a) * e.pi[mdp.at(s, a)] * scores[mdp.at(s, a) * parameters + k];
  }
  CHECK(distance(sum, gradient) < 1e-13 * norm(gradient));
}

TEST_CASE("a horizon counts time and nothing else") {
  const FiniteMdp mdp = chain_mdp(1), timed = with_horizon(mdp, 4);
  timed.check();
  const double p = 0.4;
  std::vector<double> pi;
  for (int k = 0; k < 15; ++k) pi.insert(pi.end(), {1 - p, p});
  // Paid if steps 1-2, 2-3 or 3-4 are the first two successes in a row.
  CHECK(solve(timed, pi).objective == Approx(p * p + (1 - p) * p * p + (1 - p) * p * p).epsilon(1e-14));
}

TEST_CASE("bad matrices are refused in words") {
  FiniteMdp mdp = chain_mdp(0.9);
  mdp.transition[0] = 0.5;
  CHECK_THROWS_WITH_AS(mdp.check(), "mdp chain transition from 0 by 0: they sum to 0.500000; let them sum to 1", Error);
  mdp = chain_mdp(1.5);
  CHECK_THROWS_AS(mdp.check(), Error);
  mdp = chain_mdp(0.9);
  mdp.start = {0, 0, 1};
  CHECK_THROWS_AS(mdp.check(), Error);
  mdp = chain_mdp(0.9);
  mdp.reward[0] = NAN;
  CHECK_THROWS_AS(mdp.check(), Error);
  const std::vector<double> never{1, 0, 1, 0, 1, 0};
  CHECK_THROWS_WITH_AS(
      solve(chain_mdp(1), never),
      "exact values: γ is 1 and this policy can walk in chain for ever; give a γ below 1, or a horizon", Error);
  CHECK(solve(chain_mdp(0.9), never).visits.empty());
  CHECK_THROWS_AS(random_mdp(1, {.states = 3, .branches = 9}), Error);
}

TEST_CASE("best action values: the chain's and the grid's known ones") {
  const std::vector<double> chain = best_action_values(chain_mdp(0.9)), grid = best_action_values(grid_world_mdp(0.9));
  CHECK(chain[1] == Approx(0.9).epsilon(1e-12));
  CHECK(chain[3] == Approx(1).epsilon(1e-12));
  for (int cell = 0; cell < 15; ++cell) {
    const double best = *std::max_element(grid.begin() + 4 * cell, grid.begin() + 4 * cell + 4);
    CHECK(best == Approx(std::pow(0.9, 6 - cell / 4 - cell % 4 - 1)).epsilon(1e-12));
  }
}
