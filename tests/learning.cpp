#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <pigrad/app/environments.hpp>
#include <pigrad/app/many/results.hpp>
#include <pigrad/app/many/statistics.hpp>
#include <pigrad/app/recipes.hpp>
#include <pigrad/core/backend.hpp>
#include <pigrad/rl/algorithm.hpp>
#include <string>
#include <vector>

using namespace pigrad;

// What recipes reach over seeds, against the bars of docs/published.csv. A bar is the 10th percentile of the
// reference's seeds, so that a run of the same distribution stays below it, and fails, with a probability of 10 %; the
// same share may fail where others publish one figure of one agent. At least k of n runs fail with probability Σ C(n,j)
// 0.1ʲ 0.9ⁿ⁻ʲ over j ≥ k. Failures that chance would bring less than once in a thousand times are too many:
//
//     n =  5: P(3 or more) = 0.0086, P(4 or more) = 0.00046: up to 3 may fail
//     n = 10: P(5 or more) = 0.0016, P(6 or more) = 0.00015: up to 5 may fail
//
// and the median has to reach the bar.

namespace {

constexpr double failure_rate = 0.1, too_rare = 0.001;
constexpr int evaluation_episodes = 400;

/// Probability that at least k of n runs fail.
double tail(int n, int k) {
  double sum = 0;
  for (int j = k; j <= n; ++j)
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(j + 1) - std::lgamma(n - j + 1)) * std::pow(failure_rate, j) *
           std::pow(1 - failure_rate, n - j);
  return sum;
}

/// Ten, but fewer of runs that take seconds.
int seeds_of(const app::Published& p) {
  static const std::map<std::string, int> fewer = {
      {"a2c-cartpole.recommended", 5},           {"npg-pendulum.recommended", 5},
      {"trpo-pendulum.recommended", 5},          {"ppo-acrobot.recommended", 5},
      {"reinforce-inverted-pendulum.source", 5}, {"reinforce-inverted-pendulum-baseline.source", 5}};
  const auto it = fewer.find(p.recipe + "." + p.variant);
  return it == fewer.end() ? 10 : it->second;
}

double reached(const app::Published& p, int seed, const Registry& environments) {
  TrainSettings settings = app::recipe_settings(p.recipe, p.variant);
  settings.seed = seed;
  const auto algorithm = make_algorithm(settings, environments);
  std::vector<double> returns;
  while (algorithm->epochs_done() < settings.epochs)
    for (const auto& [name, value] : algorithm->epoch(1))
      if (name == "rollout/ep_rew_mean" && std::isfinite(value)) returns.push_back(value);
  if (p.figure == "greedy") return algorithm->evaluate(evaluation_episodes, true, 1).mean;
  REQUIRE(!returns.empty());
  const auto last = std::min(returns.size(), static_cast<std::size_t>(p.epochs));
  return app::mean_of({returns.end() - static_cast<std::ptrdiff_t>(last), returns.end()});
}

void check(const app::Published& p, const Registry& environments) {
  const int n = seeds_of(p);
  std::vector<double> values;
  std::string text;
  int failed = 0;
  for (int seed = 1; seed <= n; ++seed) {
    values.push_back(reached(p, seed, environments));
    failed += values.back() < p.bar;
    text += " " + std::to_string(values.back());
  }
  const std::string words = p.recipe + " (" + p.variant + "), bar " + std::to_string(p.bar) + ":" + text;
  MESSAGE(words);
  CHECK_MESSAGE(tail(n, failed) >= too_rare, failed << " of " << n << " fail: " << words);
  CHECK_MESSAGE(app::median_of(values) >= p.bar, "the median is below the bar: " << words);
}

}  // namespace

TEST_CASE("failures that chance allows") {
  CHECK(tail(10, 0) == doctest::Approx(1));
  CHECK(tail(1, 1) == doctest::Approx(failure_rate));
  CHECK(tail(5, 3) == doctest::Approx(0.00856));
  CHECK(tail(5, 4) == doctest::Approx(0.00046));
  CHECK(tail(10, 5) == doctest::Approx(0.0016349374));
  CHECK(tail(10, 6) == doctest::Approx(0.0001469026));
}

// The seeds' luck hangs on every bit: one instruction set, that most machines have, so that they all judge the same
// runs.
TEST_CASE("recipes reach their bars") {
  const std::vector<std::string> backends = backend_names();
  if (std::find(backends.begin(), backends.end(), "avx2") != backends.end()) ::setenv("PIGRAD_ISA", "avx2", 0);
  const Registry environments = app::all_environments();
  int judged = 0;
  for (const app::Published& p : app::read_published(PIGRAD_PUBLISHED)) {
    if (std::isnan(p.bar) || p.figure == "stuck") continue;
    if (!environments.contains(app::recipe_settings(p.recipe, p.variant).environment)) continue;
    check(p, environments);
    ++judged;
  }
  CHECK(judged >= 10);
}
