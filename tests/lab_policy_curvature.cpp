#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <pigrad/lab/policy_curvature.hpp>
#include <pigrad/lab/policy_gradient.hpp>
#include <pigrad/lab/subject.hpp>

using namespace pigrad;

namespace {

struct Run {
  Registry environments = Registry::builtin();
  State state;
  std::unique_ptr<OnPolicy<double>> subject;

  explicit Run(const std::vector<int>& hidden) {
    TrainSettings s;
    s.environment = "CartPole-v1";
    s.epochs = 2;
    s.steps = 300;
    s.policy.network.hidden = hidden;
    s.policy.optimiser.learning_rate = 0.05;
    s.critic.network.hidden = {8};
    const auto algorithm = make_algorithm(s, environments);
    algorithm->epoch(1), algorithm->epoch(1);
    algorithm->save(state);
    subject = opened(s, state, environments);
  }
};

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("of a linear softmax policy the traces of F, of F̂ and of the surrogate's Hessian are sums over steps") {
  Run run({});
  CurvatureOptions options;
  options.sample_episodes = 4;
  options.steps = options.eigenvalues = 10;
  options.seed = 3;
  const PolicyCurvature found = policy_curvature(*run.subject, run.state, options);

  const Agent<double>& agent = run.subject->agent();
  const Rollout<double> r =
      joined(episodes_rows(*run.subject, *run.subject, run.state, options.sample_episodes, options.seed), 4, 0);
  const PolicyGradient plain =
      policy_gradient(*run.subject, run.state, run.subject->settings(), r, nullptr, /*per_sample=*/false);
  REQUIRE(found.rows == r.rows());
  const double *w = agent.parameters().data("policy.0.weight"), *b = agent.parameters().data("policy.0.bias");
  double of_true = 0, of_taken = 0, of_hessian = 0;
  for (int t = 0; t < r.rows(); ++t) {
    double z[2] = {b[0], b[1]}, squares = 1;
    for (int f = 0; f < 4; ++f) {
      const double s = r.obs[static_cast<std::size_t>(f * r.rows() + t)];
      squares += s * s;
      z[0] += w[f] * s, z[1] += w[4 + f] * s;
    }
    const double p1 = 1 / (1 + std::exp(z[0] - z[1])), p0 = 1 - p1;
    const double spread = 1 - p0 * p0 - p1 * p1;
    const double other = r.index[static_cast<std::size_t>(t)] == 1 ? p0 : p1;
    const double score = 2 * other * other;
    of_true += spread * squares / r.rows();
    of_taken += score * squares / r.rows();
    of_hessian += plain.psi[static_cast<std::size_t>(t)] * (score - spread) * squares / r.rows();
  }
  REQUIRE(found.matrices.size() == 3);
  CHECK(std::abs(sum(found.matrices[0].values) - of_true) < 1e-10 * of_true);
  CHECK(std::abs(sum(found.matrices[1].values) - of_taken) < 1e-10 * of_taken);
  CHECK(std::abs(sum(found.matrices[2].values) - of_hessian) < 1e-9);
  CHECK(std::abs(sum(found.matrices[0].shares) - 1) < 1e-9);
  for (const double value : found.matrices[0].values) CHECK(value > -1e-12);
  for (const MatrixSpectrum& m : found.matrices)
    for (std::size_t i = 1; i < m.values.size(); ++i) CHECK(m.values[i] <= m.values[i - 1]);
}

TEST_CASE("the natural gradient turns the more the less it is damped, and not at all under a large damping") {
  Run run({8});
  CurvatureOptions options;
  options.sample_episodes = 4;
  options.dampings = {1e6, 1, 0.01};
  const PolicyCurvature found = policy_curvature(*run.subject, run.state, options);
  REQUIRE(found.angles.size() == 3);
  CHECK(found.angles[0].degrees < 1e-3);
  CHECK(found.angles[0].length == doctest::Approx(found.gradient_norm / 1e6).epsilon(1e-5).scale(0));
  CHECK(found.angles[1].degrees > found.angles[0].degrees);
  CHECK(found.angles[2].degrees > found.angles[1].degrees);
  for (const NaturalAngle& a : found.angles) CHECK(a.residual <= 1e-8);
  for (const double residual : found.matrices[0].residuals) CHECK(residual < 1e-6);
}

TEST_CASE("curvature refuses to look at nothing") {
  Run run({});
  CurvatureOptions none;
  none.sample_episodes = 0;
  CHECK_THROWS_AS(policy_curvature(*run.subject, run.state, none), Error);
  CurvatureOptions few;
  few.steps = few.eigenvalues - 1;
  CHECK_THROWS_AS(policy_curvature(*run.subject, run.state, few), Error);
}
