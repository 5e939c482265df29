#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <pigrad/core/ops.hpp>
#include <pigrad/env/registry.hpp>
#include <pigrad/lab/psi.hpp>
#include <pigrad/lab/quality.hpp>
#include <pigrad/nn/distribution.hpp>
#include <pigrad/rl/a2c.hpp>
#include <string>

using namespace pigrad;
using namespace pigrad::lab;
using doctest::Approx;

namespace {

struct World {
  FiniteMdp mdp;
  FinitePolicy policy;
  Exact exact;
  std::vector<double> scores;
  std::size_t parameters;

  explicit World(const FiniteMdp& of) : mdp(of), policy(FinitePolicy::linear(of)) {
    policy.randomise(3, 0.6);
    exact = solve(mdp, policy);
    scores = policy.scores();
    parameters = static_cast<std::size_t>(policy.size());
  }
  const double* score(int s, int a) const { return scores.data() + mdp.at(s, a) * parameters; }
};

World random_world(double gamma, int features = 0) {
  return World(random_mdp(4, {.states = 6, .actions = 3, .end = 0.2, .features = features, .gamma = gamma}));
}

/// ∇ ln π(a|x) of each row, by the tape, of a distribution whose output is a bias: [rows×P] in the layout's order.
std::vector<double> bias_scores(const DistributionSettings& settings, const std::vector<double>& output,
                                const std::vector<double>& spread, const std::vector<double>& actions) {
  const int dimensions =
      settings.name == "gaussian" ? static_cast<int>(spread.size()) : static_cast<int>(output.size());
  const auto distribution = make_distribution(settings, dimensions, settings.name != "gaussian", "test");
  ParameterLayout layout;
  layout.add("output", 1, static_cast<int>(output.size()));
  distribution->add_parameters(layout, "policy");
  Tape tape(layout);
  const Tensor zero = tape.input("zero", 1);
  const Tensor z = zero + tape.parameter("output");
  const Tensor action = distribution->action_input(tape, "action");
  const Program program = tape.program(sum(distribution->log_prob(z, action)));
  const auto rows = settings.name == "gaussian" ? actions.size() / spread.size() : actions.size();
  std::vector<double> parameters = output, out, zeros(rows);
  if (settings.spread == "learned" && settings.name == "gaussian")
    parameters.insert(parameters.end(), spread.begin(), spread.end());
  std::vector<std::int32_t> index(actions.begin(), actions.end());
  Workspace<double> workspace(program);
  Bindings<double> bindings(program);
  bindings.parameters(parameters.data());
  bindings.input("zero", zeros.data(), 1);
  if (distribution->discrete()) bindings.index("action", index.data());
  if (!distribution->discrete()) bindings.input("action", actions.data(), 1, dimensions);
  bindings.rows(static_cast<int>(rows));
  out.resize(rows * parameters.size());
  workspace.run(bindings, Sink<double>::rows(out.data()));
  return out;
}

}  // namespace

TEST_CASE("the policy-gradient theorem three ways: visits, samples, differences of V(s₀)") {
  const World w = random_world(1);
  std::vector<double> by_visits(w.parameters), by_differences(w.parameters);
  for (int s = 0; s + 1 < w.mdp.states; ++s)
    for (int a = 0; a < w.mdp.actions; ++a) {
      const double mu = w.exact.visits[static_cast<std::size_t>(s)] / w.exact.length;
      for (std::size_t k = 0; k < w.parameters; ++k)
        by_visits[k] += w.exact.length * mu * w.exact.pi[w.mdp.at(s, a)] * w.exact.q_at(s, a) * w.score(s, a)[k];
    }
  for (std::size_t k = 0; k < w.parameters; ++k) {
    const double h = 1e-3;
    const auto at = [&](double step) {
      std::vector<double> theta = w.policy.parameters();
      theta[k] += step;
      return exact_objective(w.mdp, w.policy, theta);
    };
    by_differences[k] = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  }
  CHECK(distance(by_visits, by_differences) < 1e-8 * norm(by_visits));
  const auto g = sample_gradients(w.mdp, w.policy, {{.estimator = "return_to_go"}, nullptr, {}, 1}, 30000, {.seed = 6});
  CHECK(measure(g, by_visits).unbiased_p > 0.001);
  for (double& x : by_visits) x *= 1.25;
  CHECK(measure(g, by_visits).unbiased_p < 0.001);
}

TEST_CASE("Σ_a π ∇ ln π = 0 and Σ_a ∇ ln π ≠ 0; Σ_a π A = 0") {
  const World w = random_world(0.9);
  for (int s = 0; s + 1 < w.mdp.states; ++s) {
    double advantage = 0;
    std::vector<double> weighed(w.parameters), bare(w.parameters);
    for (int a = 0; a < w.mdp.actions; ++a) {
      const double pi = w.exact.pi[w.mdp.at(s, a)];
      advantage += pi * w.exact.advantage[w.mdp.at(s, a)];
      for (std::size_t k = 0; k < w.parameters; ++k) weighed[k] += pi * w.score(s, a)[k], bare[k] += w.score(s, a)[k];
    }
    CHECK(norm(weighed) < 1e-15);
    CHECK(norm(bare) > 0.05);
    CHECK(std::abs(advantage) < 1e-15);
  }
}

TEST_CASE("closed-form scores: softmax e_a − π, linear s(e_a − π)ᵀ") {
  const std::vector<double> z = {0.3, -1, 2};
  const auto scores = bias_scores({}, z, {}, {0, 1, 2});
  double sum = 0;
  for (const double x : z) sum += std::exp(x);
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t k = 0; k < 3; ++k)
      CHECK(scores[3 * a + k] == Approx((a == k) - std::exp(z[k]) / sum).epsilon(1e-14));
  const World w = random_world(0.9, 4);
  for (int s = 0; s < w.mdp.states; ++s)
    for (int a = 0; a < w.mdp.actions; ++a)
      for (int f = 0; f < 4; ++f)
        for (int other = 0; other < w.mdp.actions; ++other) {
          const double x = w.mdp.feature[static_cast<std::size_t>(4 * s + f)];
          const double expected = x * ((a == other) - w.exact.pi[w.mdp.at(s, other)]);
          CHECK(w.score(s, a)[f * w.mdp.actions + other] == Approx(expected).epsilon(1e-13));
        }
}

TEST_CASE("closed-form scores: Gaussian (a − μ)/σ², its spread's z² − 1, half as much for log-variance") {
  const double mean[] = {0.4, -1.5}, deviation[] = {0.5, 2};
  const std::vector<double> actions = {0.1, 0.3, 2, -4, 0.4, -1.5};
  for (const char* meaning : {"log_std", "log_variance"}) {
    const double unit = meaning == std::string("log_std") ? 1 : 2;
    const auto scores = bias_scores({.name = "gaussian", .spread = "learned", .spread_is = meaning}, {0.4, -1.5},
                                    {unit * std::log(0.5), unit * std::log(2.0)}, actions);
    for (std::size_t row = 0; row < 3; ++row)
      for (std::size_t j = 0; j < 2; ++j) {
        const double z = (actions[2 * row + j] - mean[j]) / deviation[j];
        CHECK(scores[4 * row + j] == Approx(z / deviation[j]).epsilon(1e-13));
        CHECK(scores[4 * row + 2 + j] == Approx((z * z - 1) / unit).epsilon(1e-13));
      }
  }
}

TEST_CASE("E[δ|s,a] = A with the exact V, and n-step δ telescopes") {
  const World w = random_world(0.9);
  const CriticTable critic = exact_critic(w.exact);
  for (int s = 0; s + 1 < w.mdp.states; ++s)
    for (int a = 0; a < w.mdp.actions; ++a) {
      double delta = 0;
      for (int next = 0; next < w.mdp.states; ++next)
        delta += w.mdp.transition[w.mdp.at(s, a, next)] *
                 (w.mdp.reward[w.mdp.at(s, a, next)] + 0.9 * w.exact.v[static_cast<std::size_t>(next)] -
                  w.exact.v[static_cast<std::size_t>(s)]);
      CHECK(delta == Approx(w.exact.advantage[w.mdp.at(s, a)]).epsilon(1e-12));
    }
  const Trajectories data = sample(w.mdp, w.exact.pi, 50, {.seed = 2});
  const auto delta = psi({.estimator = "td_error", .discount_time = false}, w.mdp, data, &critic);
  const auto three = psi({.estimator = "n_step", .baseline = BaselineKind::value, .n = 3, .discount_time = false},
                         w.mdp, data, &critic);
  for (int i = 0; i < data.count(); ++i)
    for (int row = data.begin[static_cast<std::size_t>(i)]; row < data.begin[static_cast<std::size_t>(i) + 1]; ++row) {
      double sum = 0;
      for (int k = 0; k < 3 && row + k < data.begin[static_cast<std::size_t>(i) + 1]; ++k)
        sum += std::pow(0.9, k) * delta[static_cast<std::size_t>(row + k)];
      CHECK(three[static_cast<std::size_t>(row)] == Approx(sum).epsilon(1e-12));
    }
}

TEST_CASE("GAE: λ = 0 is δ, λ = 1 is G − V, between them the (1−λ) average, whose tail of a path of N weighs λ^{N−1}") {
  const World w = random_world(0.9);
  const CriticTable critic = spoiled_critic(w.mdp, w.exact, critic_error(w.mdp, 1, 3));
  const Trajectories data = sample(w.mdp, w.exact.pi, 40, {.seed = 9});
  const auto of = [&](const PsiSettings& form) { return psi(form, w.mdp, data, &critic); };
  const auto gae = [&](double lambda) { return of({.estimator = "gae", .lambda = lambda, .discount_time = false}); };
  CHECK(distance(gae(0), of({.estimator = "td_error", .discount_time = false})) < 1e-12);
  CHECK(distance(gae(1), of({.estimator = "return_to_go", .baseline = BaselineKind::value, .discount_time = false})) <
        1e-12);
  const double lambda = 0.7;
  const auto mixed = gae(lambda);
  std::vector<std::vector<double>> steps;
  for (int n = 1; n <= 200; ++n)
    steps.push_back(of({.estimator = "n_step", .baseline = BaselineKind::value, .n = n, .discount_time = false}));
  for (int i = 0; i < data.count(); ++i) {
    const int begin = data.begin[static_cast<std::size_t>(i)], end = data.begin[static_cast<std::size_t>(i) + 1];
    for (int row = begin; row < end; ++row) {
      const int left = end - row;
      double average = 0, weights = 0;
      for (int n = 1; n <= left; ++n) {
        const double weight = n < left ? (1 - lambda) * std::pow(lambda, n - 1) : std::pow(lambda, left - 1);
        average += weight * steps[static_cast<std::size_t>(n - 1)][static_cast<std::size_t>(row)];
        weights += weight;
      }
      CHECK(weights == Approx(1).epsilon(1e-14));
      CHECK(mixed[static_cast<std::size_t>(row)] == Approx(average).epsilon(1e-11));
    }
  }
}

TEST_CASE("the sum of γᵗ over 200 steps is 86.60 at 0.99") {
  const std::vector<double> ones(200, 1);
  const std::vector<std::uint8_t> never(200, 0);
  std::vector<double> sum(200);
  return_to_go<double>({200, 1, ones.data(), never.data(), never.data(), nullptr}, 0.99, nullptr, sum.data());
  CHECK(sum[0] == Approx(86.60).epsilon(1e-4));
  CHECK(sum[0] == Approx((1 - std::pow(0.99, 200)) / 0.01).epsilon(1e-13));
}

TEST_CASE("∇π/π and ∇ ln π agree, until π underflows in float") {
  ParameterLayout layout;
  layout.add("z", 1, 2);
  Tape tape(layout);
  const Tensor z = tape.input("zero", 1) + tape.parameter("z");
  const Tensor action = tape.index("action");
  const Tensor ratio_form = gather(softmax(z), action), log_form = gather(log_softmax(z), action);
  const Program of_pi = tape.program(sum(ratio_form), {{"pi", ratio_form}}), of_log = tape.program(sum(log_form));
  const std::vector<float> zero(1);
  const std::vector<std::int32_t> chosen = {0};
  const auto run_one = [&](const Program& program, float gap, float* pi) {
    const std::vector<float> parameters = {-gap, 0};
    std::vector<float> gradient(2);
    Workspace<float> workspace(program);
    Bindings<float> bindings(program);
    bindings.parameters(parameters.data());
    bindings.input("zero", zero.data(), 1);
    bindings.index("action", chosen.data());
    if (pi) bindings.output("pi", pi, 1);
    bindings.rows(1);
    workspace.run(bindings, Sink<float>::sum(gradient.data()));
    return gradient;
  };
  for (const float gap : {0.5f, 10.0f, 60.0f}) {
    float pi = 0;
    const auto ratio = run_one(of_pi, gap, &pi), log = run_one(of_log, gap, nullptr);
    for (std::size_t k = 0; k < 2; ++k) CHECK(ratio[k] / pi == Approx(log[k]).epsilon(1e-5));
  }
  float pi = 1;
  const auto ratio = run_one(of_pi, 120, &pi), log = run_one(of_log, 120, nullptr);
  CHECK(pi == 0);
  CHECK(std::isnan(ratio[0] / pi));
  CHECK(log[0] == 1);
  CHECK(log[1] == -1);
}

TEST_CASE("the Monte Carlo error of J falls as 1/√N") {
  const World w = random_world(0.9);
  const Trajectories data = sample(w.mdp, w.exact.pi, 64000, {.seed = 3});
  std::vector<double> returns(static_cast<std::size_t>(data.rows()));
  return_to_go<double>(data.path(), 0.9, nullptr, returns.data());
  const auto error = [&](int size) {
    double squares = 0;
    for (int first = 0; first < data.count(); first += size) {
      double mean = 0;
      for (int i = first; i < first + size; ++i)
        mean += returns[static_cast<std::size_t>(data.begin[static_cast<std::size_t>(i)])] / size;
      squares += (mean - w.exact.objective) * (mean - w.exact.objective);
    }
    return std::sqrt(squares * size / data.count());
  };
  const double slope = std::log(error(320) / error(5)) / std::log(320.0 / 5);
  CHECK(std::abs(slope + 0.5) < 0.1);
}

TEST_CASE("after training, the greedy policy takes actions of the greatest q*, in every cell") {
  TrainSettings s;
  s.environment = "GridWorld-v0";
  s.scalar = "float64";
  s.gamma = 0.9;
  s.copies = 16;
  s.steps = 64;
  s.policy.network.hidden = {16};
  s.policy.optimiser.learning_rate = 0.03;
  s.critic.network.hidden = {16};
  s.critic.optimiser.learning_rate = 0.03;
  s.critic.steps_per_minibatch = 10;
  const Registry environments = Registry::builtin();
  A2c<double> a(s, environments);
  for (int i = 0; i < 80; ++i) a.epoch(1);
  const FiniteMdp mdp = grid_world_mdp(0.9);
  FinitePolicy policy(mdp, a.agent().layout(), [&](Tape&, const Tensor& obs) { return a.agent().policy(obs); });
  const Parameters<double>& trained = a.agent().parameters();
  policy.set_parameters({trained.data(), trained.data() + trained.size()});
  const std::vector<double> pi = policy.probabilities(), best = best_action_values(mdp);
  for (int cell = 0; cell < 15; ++cell) {
    CAPTURE(cell);
    const auto row = static_cast<std::ptrdiff_t>(4 * cell);
    const auto greedy = std::max_element(pi.begin() + row, pi.begin() + row + 4) - pi.begin();
    const double most = *std::max_element(best.begin() + row, best.begin() + row + 4);
    CHECK(best[static_cast<std::size_t>(greedy)] == Approx(most).epsilon(1e-12));
  }
}
