#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <pigrad/core/error.hpp>
#include <pigrad/lab/moments.hpp>
#include <pigrad/lab/quality.hpp>
#include <string>

using namespace pigrad;
using namespace pigrad::lab;
using doctest::Approx;

namespace {

struct World {
  FiniteMdp mdp;
  FinitePolicy policy;
  Exact exact;
  CriticTable critic;
};

World world(const FiniteMdp& mdp) {
  FinitePolicy policy = FinitePolicy::linear(mdp);
  policy.randomise(3, 0.6);
  const Exact exact = solve(mdp, policy);
  const CriticTable critic = spoiled_critic(mdp, exact, critic_error(mdp, 0.5, 8));
  return {mdp, policy, exact, critic};
}

// |a − b| ≤ share·|b|; doctest's Approx has a scale of 1 besides.
bool near(double a, double b, double share) { return std::abs(a - b) <= share * std::abs(b); }

std::vector<PsiSettings> estimators() {
  std::vector<PsiSettings> all;
  for (const bool time : {true, false}) {
    all.push_back({.estimator = "reward_to_go", .discount_time = time});
    all.push_back({.estimator = "return_to_go", .discount_time = time});
    all.push_back({.estimator = "return_to_go", .baseline = BaselineKind::constant, .discount_time = time});
    all.push_back({.estimator = "return_to_go", .baseline = BaselineKind::value, .discount_time = time});
    all.push_back({.estimator = "td_error", .discount_time = time});
    all.push_back({.estimator = "gae", .lambda = 0.7, .discount_time = time});
    all.push_back({.estimator = "gae", .lambda = 1, .discount_time = time});
    all.push_back({.estimator = "q", .discount_time = time});
    all.push_back({.estimator = "q", .baseline = BaselineKind::value, .discount_time = time});
    all.push_back({.estimator = "n_step", .baseline = BaselineKind::value, .n = 1, .discount_time = time});
  }
  all.push_back({.estimator = "total_return"});
  all.push_back({.estimator = "total_return", .baseline = BaselineKind::optimal});
  return all;
}

}  // namespace

TEST_CASE("measured bias and variance of every estimator agree with the exact ones within their intervals") {
  constexpr double confidence =
      0.9995;  // about 90 intervals: 1 in 20 such tests would fail by chance, the seed is fixed
  for (const FiniteMdp& mdp : {chain_mdp(0.9), random_mdp(4, {.states = 5, .actions = 2, .end = 0.25, .gamma = 0.8})}) {
    const World w = world(mdp);
    const std::vector<double> scores = w.policy.scores(), truth = exact_gradient(w.mdp, w.policy);
    const Trajectories data = sample(w.mdp, w.exact.pi, 20000, {.seed = 11});
    for (const PsiSettings& settings : estimators()) {
      CAPTURE(mdp.name + ": " + settings.label(mdp.gamma));
      const Baseline b{settings.baseline, 0.35, {}};
      const ExactMoments exact = exact_moments(settings, w.mdp, w.policy, &w.critic, b);
      const auto g = gradients(w.policy, scores, data, psi(settings, w.mdp, data, &w.critic, b));
      const Quality measured = measure(g, exact.mean, confidence);
      CHECK(measured.unbiased_p > 1 - confidence);
      CHECK(measured.variance.contains(exact.variance));
      const bool unbiased =
          settings.discount_time && (settings.estimator == "return_to_go" || settings.estimator == "total_return" ||
                                     (settings.estimator == "gae" && settings.lambda == 1));
      if (unbiased) CHECK(distance(exact.mean, truth) < 1e-13);
      if (!unbiased) CHECK(distance(exact.mean, truth) > 1e-4);
    }
  }
}

TEST_CASE("Greensmith's constant is the one of least variance, and the fitted one comes near it") {
  const World w = world(grid_world_mdp(0.95));
  const double best = exact_optimal_constant(w.mdp, w.policy);
  const PsiSettings with{.estimator = "total_return", .baseline = BaselineKind::optimal};
  const auto variance = [&](double b) {
    return exact_moments(with, w.mdp, w.policy, nullptr, {BaselineKind::optimal, b, {}}).variance;
  };
  CHECK(variance(best) < variance(best + 0.01));
  CHECK(variance(best) < variance(best - 0.01));
  CHECK(variance(best) < variance(w.exact.objective));
  const Trajectories data = sample(w.mdp, w.exact.pi, 4000, {.seed = 5});
  CHECK(near(fit_baseline(with, w.mdp, w.policy, data, nullptr).constant, best, 0.1));
}

TEST_CASE("the variance's parts add up to the variance of a timestep's term, exactly and from rows") {
  const World w = world(random_mdp(4, {.states = 5, .actions = 3, .end = 0.25, .gamma = 0.8}));
  const Trajectories data = sample(w.mdp, w.exact.pi, 40000, {.seed = 2});
  const std::vector<double> scores = w.policy.scores();
  const auto parameters = static_cast<std::size_t>(w.policy.size());
  for (const PsiSettings& settings : estimators()) {
    if (settings.estimator == "total_return") continue;
    CAPTURE(settings.label(0.8));
    const Baseline b{settings.baseline, 0.35, {}};
    const VarianceParts exact = exact_variance_parts(settings, w.mdp, w.policy, &w.critic, b);
    const VarianceParts found = sampled_variance_parts(settings, w.mdp, w.policy, data, &w.critic, b);
    if (settings.estimator != "q") CHECK(near(found.trajectories, exact.trajectories, 0.05));
    CHECK(near(found.actions, exact.actions, 0.05));
    CHECK(near(found.states, exact.states, 0.1));
    // The whole from rows alone: scale·E[Σ_t w_t Ψ_t²‖∇ ln π‖²] − ‖E[g]‖².
    PsiSettings bare = settings;
    bare.discount_time = false;
    const auto values = psi(bare, w.mdp, data, &w.critic, b);
    double squares = 0, scale = 0;
    for (std::size_t row = 0; row < values.size(); ++row) {
      const double weight = settings.discount_time ? std::pow(0.8, data.time[row]) : 1;
      const double* u = scores.data() + w.mdp.at(data.state[row], data.action[row]) * parameters;
      squares += weight * values[row] * values[row] * std::inner_product(u, u + parameters, u, 0.0) / data.count();
      scale += weight / data.count();
    }
    const std::vector<double> mean = exact_moments(settings, w.mdp, w.policy, &w.critic, b).mean;
    CHECK(near(scale * squares - dot(mean, mean), exact.total(), 0.03));
    if (settings.estimator == "q") CHECK(exact.trajectories < 1e-12);
  }
  // With the exact critic a baseline takes from the actions' part alone; where returns are all of one sign, V does.
  const World grid = world(grid_world_mdp(0.95));
  const CriticTable truth = exact_critic(grid.exact);
  const PsiSettings bare{.estimator = "return_to_go"},
      value{.estimator = "return_to_go", .baseline = BaselineKind::value};
  const VarianceParts without = exact_variance_parts(bare, grid.mdp, grid.policy, &truth);
  const VarianceParts with = exact_variance_parts(value, grid.mdp, grid.policy, &truth);
  CHECK(with.trajectories == Approx(without.trajectories).epsilon(1e-12));
  CHECK(with.states == Approx(without.states).epsilon(1e-9));
  CHECK(with.actions < without.actions);
}

TEST_CASE("what is no recursion over states is refused in words") {
  const World w = world(chain_mdp(0.9));
  CHECK_THROWS_AS(exact_moments({.estimator = "n_step", .n = 3}, w.mdp, w.policy, &w.critic), Error);
  CHECK_THROWS_AS(exact_moments({.estimator = "gae", .normalise = true}, w.mdp, w.policy, &w.critic), Error);
  CHECK_THROWS_WITH_AS(exact_moments({.estimator = "td_error"}, w.mdp, w.policy, nullptr),
                       "exact moments: td_error needs a critic; give one", Error);
}

TEST_CASE("what a critic says of an end counts for nothing") {
  const World w = world(random_mdp(4, {.states = 5, .actions = 2, .end = 0.25, .gamma = 0.8}));
  CriticTable odd = w.critic;
  odd.v.back() = 9;
  const Trajectories data = sample(w.mdp, w.exact.pi, 100, {.seed = 1});
  for (const char* name : {"td_error", "gae", "n_step"})
    CHECK(psi({.estimator = name}, w.mdp, data, &odd) == psi({.estimator = name}, w.mdp, data, &w.critic));
}
