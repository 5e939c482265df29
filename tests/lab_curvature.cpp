#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <pigrad/core/ops.hpp>
#include <pigrad/env/registry.hpp>
#include <pigrad/lab/curvature.hpp>
#include <pigrad/rl/collector.hpp>

#include "bound.hpp"
#include "programs.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

using Reals = std::vector<double>;

/// A small policy and steps that it made.
struct Played {
  explicit Played(const std::string& environment, const std::string& distribution, int hidden = 5)
      : agent(spec_of(environment), settings_of(distribution, hidden), nullptr, 3) {
    // Away from the start, where the last layer's biases are all alike.
    for (int i = 0; i < agent.parameters().size(); ++i) agent.parameters().data()[i] += 0.2 * std::sin(1.0 + 3 * i);
    agent.parameters().touch();
    const auto env = Registry::builtin().make<double>(environment, 4, 7);
    Collector<double> collector(agent, *env, 7);
    collector.collect(25, 1, rollout);
  }
  static Spec spec_of(const std::string& environment) { return Registry::builtin().spec(environment); }
  static PolicySettings settings_of(const std::string& distribution, int hidden) {
    PolicySettings s;
    s.distribution.name = distribution;
    s.network.hidden = {hidden};
    return s;
  }
  int size() const { return agent.layout().size(); }

  Agent<double> agent;
  Rollout<double> rollout;
};

/// Largest |a − b| by the largest |b|.
double apart(const Reals& a, const Reals& b) {
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return std::isfinite(difference) && largest > 0 ? difference / largest : INFINITY;
}

/// Scores of rows [B×P] for actions that are bound.
Reals scores(const Played& p, const Rollout<double>& r) {
  const Program program = score_program(p.agent);
  Workspace<double> workspace(program);
  Bindings<double> b(program);
  const auto rows = static_cast<std::size_t>(r.rows());
  Reals ones(rows, 1), all(rows * static_cast<std::size_t>(p.size()));
  b.parameters(p.agent.parameters().data());
  b.rows(r.rows());
  b.input("obs", r.obs.data(), r.rows());
  b.input("weight", ones.data(), r.rows());
  if (r.action_size == 0)
    b.index("action", r.index.data());
  else
    b.input("action", r.action.data(), r.rows());
  workspace.run(b, Sink<double>::rows(all.data()));
  for (double& x : all) x *= r.rows();
  return all;
}

/// matrix += weight_t s_t s_tᵀ.
void add_outer(Reals& matrix, const Reals& scores, const Reals& weights) {
  const std::size_t n = scores.size() / weights.size();
  for (std::size_t t = 0; t < weights.size(); ++t)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) matrix[i * n + j] += weights[t] * scores[t * n + i] * scores[t * n + j];
}

Reals explicit_empirical(const Played& p) {
  const auto n = static_cast<std::size_t>(p.size());
  Reals matrix(n * n);
  add_outer(matrix, scores(p, p.rollout), Reals(static_cast<std::size_t>(p.rollout.rows()), 1.0 / p.rollout.rows()));
  return matrix;
}

/// Σ_a π(a|s) over all choices, sample by sample.
Reals explicit_true(const Played& p) {
  const auto n = static_cast<std::size_t>(p.size()), rows = static_cast<std::size_t>(p.rollout.rows());
  Actor<double> actor(p.agent);
  const View<const double> log_p = actor.statistics(p.rollout.rows(), p.rollout.obs.data(), p.rollout.rows());
  Reals matrix(n * n), weights(rows);
  Rollout<double> each = p.rollout;
  for (int a = 0; a < p.agent.distribution().actions(); ++a) {
    std::fill(each.index.begin(), each.index.end(), a);
    for (std::size_t t = 0; t < rows; ++t)
      weights[t] = std::exp(log_p.data[static_cast<std::size_t>(a) * rows + t]) / static_cast<double>(rows);
    add_outer(matrix, scores(p, each), weights);
  }
  return matrix;
}

LinearMap<double> true_fisher(FisherProduct<double>& product) {
  return [&](const double* v, double* out) { product(v, out); };
}

}  // namespace

TEST_CASE("Fisher-vector products equal the explicit matrices") {
  for (const char* environment : {"CartPole-v1", "Acrobot-v1"}) {
    CAPTURE(std::string(environment));
    Played p(environment, "categorical");
    FisherProduct<double> fisher(p.agent);
    fisher.bind(p.rollout.rows(), p.rollout.obs.data(), p.rollout.rows());
    CHECK(apart(dense(true_fisher(fisher), p.size()), explicit_true(p)) < 1e-12);
    EmpiricalFisher empirical(p.agent);
    empirical.bind(p.rollout, nullptr, p.rollout.rows());
    const LinearMap<double> product = [&](const double* v, double* out) { empirical(v, out); };
    CHECK(apart(dense(product, p.size()), explicit_empirical(p)) < 1e-12);
    CHECK(apart(dense(product, p.size()), explicit_true(p)) > 1e-3);
  }
}

TEST_CASE("a Gaussian's Fisher matrix is the mean over its actions, and of its spread alone 2") {
  Played p("Pendulum-v1", "gaussian", 2);
  FisherProduct<double> fisher(p.agent);
  fisher.bind(p.rollout.rows(), p.rollout.obs.data(), p.rollout.rows());
  const Reals matrix = dense(true_fisher(fisher), p.size());
  // Gauss–Hermite with three points is exact for the products of two scores, of degree 4 in the action.
  Reals expected(matrix.size());
  Actor<double> actor(p.agent);
  const int rows = p.rollout.rows();
  const View<const double> seen = actor.statistics(rows, p.rollout.obs.data(), rows);
  const double points[] = {-std::sqrt(3.0), 0, std::sqrt(3.0)}, weights[] = {1.0 / 6, 2.0 / 3, 1.0 / 6};
  Rollout<double> each = p.rollout;
  for (int k = 0; k < 3; ++k) {
    for (int t = 0; t < rows; ++t)
      each.action[static_cast<std::size_t>(t)] = seen.data[t] + std::exp(seen.data[rows + t]) * points[k];
    add_outer(expected, scores(p, each), Reals(static_cast<std::size_t>(rows), weights[k] / rows));
  }
  CHECK(apart(matrix, expected) < 1e-12);
  const auto n = static_cast<std::size_t>(p.size());
  const auto spread = static_cast<std::size_t>(p.agent.layout().find("policy.log_std").offset);
  CHECK(matrix[spread * n + spread] == doctest::Approx(2).epsilon(1e-12));
}

TEST_CASE("rows in an order, and only they, are averaged") {
  Played p("CartPole-v1", "categorical");
  const std::vector<std::int32_t> order = {41, 7, 99, 7};
  Rollout<double> few;
  few.resize(4, 1, 4, 0);
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::size_t f = 0; f < 4; ++f)
      few.obs[f * 4 + t] = p.rollout.obs[f * 100 + static_cast<std::size_t>(order[t])];
    few.index[t] = p.rollout.index[static_cast<std::size_t>(order[t])];
  }
  Reals v(static_cast<std::size_t>(p.size())), a(v.size()), b(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::cos(static_cast<double>(i));
  FisherProduct<double> fisher(p.agent);
  fisher.bind(4, p.rollout.obs.data(), 100, order.data());
  fisher(v.data(), a.data());
  fisher.bind(4, few.obs.data(), 4);
  fisher(v.data(), b.data());
  CHECK(apart(a, b) < 1e-14);
  EmpiricalFisher empirical(p.agent);
  const std::vector<std::int32_t> apart_rows = {41, 7, 99};
  empirical.bind(p.rollout, apart_rows.data(), 3);
  empirical(v.data(), a.data());
  empirical.bind(few, nullptr, 3);
  empirical(v.data(), b.data());
  CHECK(apart(a, b) < 1e-14);
}

TEST_CASE("a Hessian-vector product equals differences of gradients") {
  for (const auto& it : row_local_programs()) {
    CAPTURE(it.name);
    Bound<double> bound(it.program, 130);
    HessianProduct<double> product(it.program);
    Workspace<double> reals(it.program);
    Reals v(bound.size), hv(bound.size), expected(bound.size), up(bound.size), down(bound.size);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::sin(2.0 + static_cast<double>(i));
    product(bound.bindings, bound.parameters.data(), v.data(), hv.data());
    const auto gradient = [&](double h, Reals& out) {
      Reals at = bound.parameters;
      for (std::size_t i = 0; i < at.size(); ++i) at[i] += h * v[i];
      bound.bindings.parameters(at.data());
      reals.run(bound.bindings, Sink<double>::sum(out.data()));
    };
    constexpr double h = 1e-6;
    gradient(h, up);
    gradient(-h, down);
    for (std::size_t i = 0; i < v.size(); ++i) expected[i] = (up[i] - down[i]) / (2 * h);
    CHECK(apart(hv, expected) < 1e-6);
    gradient(0, up);
    CHECK(apart(product.gradient(), up) < 1e-14);
  }
}

TEST_CASE("conjugate gradients solve what elimination solves, and stop at a direction of no curvature") {
  const Reals matrix = {4, 1, 0, 1, 3, -1, 0, -1, 2};
  const LinearMap<double> a = [&](const double* v, double* out) {
    for (std::size_t i = 0; i < 3; ++i) {
      out[i] = 0;
      for (std::size_t j = 0; j < 3; ++j) out[i] += matrix[i * 3 + j] * v[j];
    }
  };
  Reals x;
  const auto solved = conjugate_gradients<double>(a, {1, 2, 3}, x, {.iterations = 3, .tolerance = 0});
  Reals back(3);
  a(x.data(), back.data());
  CHECK(apart(back, {1, 2, 3}) < 1e-14);
  CHECK(solved.iterations == 3);
  CHECK(solved.residual < 1e-14);
  const auto early = conjugate_gradients<double>(a, {1, 2, 3}, x, {.iterations = 1});
  CHECK(early.iterations == 1);
  CHECK(early.residual > 1e-3);
  const LinearMap<double> negative = [&](const double* v, double* out) {
    a(v, out);
    for (std::size_t i = 0; i < 3; ++i) out[i] = -out[i];
  };
  CHECK(conjugate_gradients<double>(negative, {1, 2, 3}, x, {}).indefinite);
  CHECK(x == Reals(3, 0));
  CHECK(conjugate_gradients<double>(a, {0, 0, 0}, x, {}).residual == 0);
}

TEST_CASE("the natural gradient solves the damped system, and its angle is the angle") {
  Played p("CartPole-v1", "categorical");
  FisherProduct<double> fisher(p.agent);
  fisher.bind(p.rollout.rows(), p.rollout.obs.data(), p.rollout.rows());
  const Reals all = scores(p, p.rollout);
  Reals g(static_cast<std::size_t>(p.size()));
  for (std::size_t i = 0; i < all.size(); ++i) g[i % g.size()] += all[i] * std::sin(static_cast<double>(i / g.size()));
  const auto natural = natural_gradient(true_fisher(fisher), g, 0.01, {.iterations = 200, .tolerance = 1e-13});
  Reals back(g.size());
  fisher(natural.direction.data(), back.data());
  for (std::size_t i = 0; i < g.size(); ++i) back[i] += 0.01 * natural.direction[i];
  CHECK(apart(back, g) < 1e-11);
  CHECK(natural.degrees > 5);
  CHECK(natural.degrees < 90);
  CHECK(std::cos(natural.degrees * std::acos(-1.0) / 180) == doctest::Approx(natural.cosine));
  const LinearMap<double> unit = [&](const double* v, double* out) { std::copy_n(v, g.size(), out); };
  CHECK(natural_gradient(unit, g, 0, {}).cosine == doctest::Approx(1));
}

TEST_CASE("Lanczos finds a Fisher matrix's top eigenvalues, each once") {
  Played p("CartPole-v1", "categorical");
  FisherProduct<double> fisher(p.agent);
  fisher.bind(p.rollout.rows(), p.rollout.obs.data(), p.rollout.rows());
  const LinearMap<double> a = true_fisher(fisher);
  const Reals matrix = dense(a, p.size());
  const Spectrum all = lanczos(a, p.size(), {.steps = 1000}), few = lanczos(a, p.size(), {.steps = 20});
  double trace = 0, sum = 0;
  const auto n = static_cast<std::size_t>(p.size());
  for (std::size_t i = 0; i < n; ++i) trace += matrix[i * n + i];
  for (const double value : all.values) sum += value;
  CHECK(sum == doctest::Approx(trace).epsilon(1e-10));
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(few.values[k] == doctest::Approx(all.values[k]).epsilon(1e-10));
    CHECK(few.residuals[k] < 1e-6 * few.values[0]);
    Reals av(n);
    a(few.vectors[k].data(), av.data());
    for (std::size_t i = 0; i < n; ++i) av[i] -= few.values[k] * few.vectors[k][i];
    CHECK(std::sqrt(inner_product(av, av)) < 1e-6 * few.values[0]);
    CHECK(inner_product(few.vectors[k], few.vectors[k]) == doctest::Approx(1));
    if (k > 0) CHECK(few.values[k] < few.values[k - 1] * (1 - 1e-9));
  }
  CHECK_THROWS_AS(lanczos(a, 0), Error);
}
