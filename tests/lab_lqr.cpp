#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/error.hpp>
#include <pigrad/lab/lqr.hpp>
#include <pigrad/lab/quality.hpp>

using namespace pigrad;
using namespace pigrad::lab;
using doctest::Approx;

namespace {

// A cart with drift, two inputs; unstable alone.
LqrProblem cart(double gamma, int horizon) {
  return {.states = 3,
          .inputs = 2,
          .a = {1, 0.2, 0, 0, 1.02, 0.1, 0.05, 0, 0.9},
          .b = {0, 0.1, 0.3, 0, 0, 0.2},
          .q = {1, 0.1, 0, 0.1, 0.5, 0, 0, 0, 0.2},
          .r = {0.3, 0.05, 0.05, 0.4},
          .noise = {0.02, 0, 0, 0, 0.05, 0.01, 0, 0.01, 0.03},
          .start = {1, 0.2, 0, 0.2, 0.5, 0, 0, 0, 0.3},
          .gamma = gamma,
          .horizon = horizon};
}
LqrPolicy steering() { return {{-0.4, -0.9, -0.1, -0.2, -0.1, -0.5}, {-0.7, -1.1}}; }

double moved(const LqrProblem& problem, LqrPolicy policy, std::size_t k, double step) {
  (k < policy.gain.size() ? policy.gain[k] : policy.log_std[k - policy.gain.size()]) += step;
  return lqr_exact(problem, policy).objective;
}

}  // namespace

TEST_CASE("closed-form gradients agree with differences of J to 1e-8: horizon, discount, both") {
  for (const LqrProblem& problem : {cart(0.95, 0), cart(1, 12), cart(0.9, 20)}) {
    CAPTURE(problem.horizon);
    const LqrExact exact = lqr_exact(problem, steering());
    const double h = 1e-3, scale = norm(exact.gradient);
    for (std::size_t k = 0; k < exact.gradient.size(); ++k) {
      const auto at = [&](double step) { return moved(problem, steering(), k, step); };
      const double difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      CHECK(std::abs(difference - exact.gradient[k]) < 1e-8 * scale);
    }
  }
}

TEST_CASE("sampled gradients agree with the closed form within their intervals") {
  for (const LqrProblem& problem : {cart(1, 8), cart(0.8, 0)})
    for (const bool baseline : {false, true}) {
      CAPTURE(problem.horizon);
      CAPTURE(baseline);
      const LqrExact exact = lqr_exact(problem, steering());
      const auto g = lqr_gradients(problem, steering(), {.count = 20000, .steps = 60, .seed = 4, .baseline = baseline});
      const Quality q = measure(g, exact.gradient, 0.999);
      CHECK(q.unbiased_p > 0.001);
      CHECK(q.cosine.value > (baseline ? 0.98 : 0.9));
      auto wrong = exact.gradient;
      wrong[1] *= 1.5;
      if (baseline) CHECK(measure(g, wrong, 0.999).unbiased_p < 0.001);
    }
}

TEST_CASE("a long horizon is no horizon; the best gain has no gradient, and no other is better") {
  LqrProblem problem = cart(0.9, 0);
  const LqrExact endless = lqr_exact(problem, steering());
  problem.horizon = 600;
  CHECK(lqr_exact(problem, steering()).objective == Approx(endless.objective).epsilon(1e-12));
  CHECK(distance(lqr_exact(problem, steering()).gradient, endless.gradient) < 1e-11 * norm(endless.gradient));
  problem.horizon = 0;
  LqrPolicy best = steering();
  best.gain = lqr_best_gain(problem);
  const LqrExact at_best = lqr_exact(problem, best);
  for (std::size_t k = 0; k < best.gain.size(); ++k) {
    CHECK(std::abs(at_best.gradient[k]) < 1e-10);
    CHECK(moved(problem, best, k, 0.01) < at_best.objective);
  }
  // Exploration only costs: less of it is better.
  for (std::size_t k = best.gain.size(); k < at_best.gradient.size(); ++k) CHECK(at_best.gradient[k] < 0);
}

TEST_CASE("one state by hand") {
  const LqrProblem problem{.states = 1,
                           .inputs = 1,
                           .a = {1.1},
                           .b = {0.5},
                           .q = {2},
                           .r = {0.3},
                           .noise = {0.2},
                           .start = {1.5},
                           .gamma = 0.9,
                           .horizon = 0};
  const double k = -0.7, s2 = std::exp(-1.0), f = 1.1 + 0.5 * k;
  const double p = (2 + 0.3 * k * k) / (1 - 0.9 * f * f);
  const double j = -(p * 1.5 + (0.3 * s2 + 0.9 * p * (0.2 + 0.25 * s2)) / 0.1);
  const LqrExact exact = lqr_exact(problem, {{k}, {-0.5}});
  CHECK(exact.objective == Approx(j).epsilon(1e-13));
  CHECK(exact.cost_to_go[0] == Approx(p).epsilon(1e-13));
}

TEST_CASE("what has no answer is refused in words") {
  CHECK_THROWS_AS(lqr_exact(cart(1, 0), steering()), Error);
  LqrPolicy away = steering();
  away.gain = {3, 3, 3, 3, 3, 3};
  CHECK_THROWS_AS(lqr_exact(cart(0.95, 0), away), Error);
  CHECK_NOTHROW(lqr_exact(cart(0.95, 5), away));
  LqrProblem crooked = cart(0.95, 0);
  crooked.q[1] = 7;
  CHECK_THROWS_WITH_AS(crooked.check(), "lqr Q: it is not symmetric; give its symmetric part", Error);
  CHECK_THROWS_AS(lqr_exact(cart(0.95, 0), {{1}, {0}}), Error);
}
