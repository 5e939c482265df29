#include <algorithm>
#include <cmath>

#include "../claims.hpp"
#include "../moments.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;
constexpr int kBatch = 20;  // episodes in the mean squared error

struct Critic {
  std::string label;
  CriticTable table;
};

const std::vector<double>& grid_of_lambda() {
  static const std::vector<double> grid = [] {
    std::vector<double> all;
    for (int k = 0; k <= 20; ++k) all.push_back(k / 20.0);
    return all;
  }();
  return grid;
}

// The λ of least mean squared error of a mean of kBatch episodes.
double best_lambda(const Curve& error) {
  return error.x[static_cast<std::size_t>(std::min_element(error.y.begin(), error.y.end()) - error.y.begin())];
}

struct Curves {
  Curve bias, variance, error;
};

Curves over_lambda(const Scene& scene, const Critic& critic) {
  Curves out{{critic.label, {}, {}, {}, {}, false},
             {critic.label, {}, {}, {}, {}, false},
             {critic.label, {}, {}, {}, {}, false}};
  for (const double lambda : grid_of_lambda()) {
    const ExactMoments m =
        exact_moments({.estimator = "gae", .lambda = lambda}, scene.mdp, scene.policy, &critic.table);
    const double bias = distance(m.mean, scene.gradient);
    for (Curve* curve : {&out.bias, &out.variance, &out.error}) curve->x.push_back(lambda);
    out.bias.y.push_back(bias / norm(scene.gradient));
    out.variance.y.push_back(m.variance);
    out.error.y.push_back(bias * bias + m.variance / kBatch);
  }
  return out;
}

// What the error e of a critic adds to the mean gradient of δ: Σ d_γ(s) Σ_a ∇π(a|s) γE[e(s')|s,a].
std::vector<double> predicted_bias(const Scene& scene, const std::vector<double>& error) {
  std::vector<double> bar(scene.exact.q.size());
  for (int s = 0; s < scene.mdp.states; ++s)
    for (int a = 0; a < scene.mdp.actions; ++a)
      for (int next = 0; next < scene.mdp.states; ++next)
        bar[scene.mdp.at(s, a)] += scene.exact.discounted_visits[static_cast<std::size_t>(s)] * scene.mdp.gamma *
                                   scene.mdp.transition[scene.mdp.at(s, a, next)] *
                                   error[static_cast<std::size_t>(next)];
  return scene.policy.pull_back(bar);
}

// Bias and variance for ∇J at the MDP's γ, of estimators that discount by less.
NumberTable over_gamma(const Scene& scene, Plot& plot) {
  NumberTable table{"A smaller γ in the estimator, exact critic of that γ, λ = 1", {"γ", "‖bias‖/‖∇J‖", "tr Σ"}, {}};
  Curve error{"exact critic of that γ, λ = 1", {}, {}, {}, {}, false};
  for (const double gamma : {0.0, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95}) {
    FiniteMdp shorter = scene.mdp;
    shorter.gamma = gamma;
    const CriticTable critic = exact_critic(solve(shorter, scene.exact.pi));
    const ExactMoments m = exact_moments({.estimator = "gae", .lambda = 1}, shorter, scene.policy, &critic);
    const double bias = distance(m.mean, scene.gradient);
    table.rows.push_back({digits(gamma), digits(bias / norm(scene.gradient)), digits(m.variance)});
    error.x.push_back(gamma), error.y.push_back(bias * bias + m.variance / kBatch);
  }
  plot.curves.push_back(std::move(error));
  return table;
}

ExperimentResult run(const ExperimentSettings& settings) {
  const Scene scene = Scene::linear(grid_world_mdp(0.95), settings.seed, 0.3);
  const std::vector<double> error = critic_error(scene.mdp, 0.2, settings.seed + 5);
  const auto spoiled = [&](double share) {
    std::vector<double> e = error;
    for (double& x : e) x *= share;
    return spoiled_critic(scene.mdp, scene.exact, e);
  };
  std::vector<Critic> critics = {{"exact", settings.control ? spoiled(1) : exact_critic(scene.exact)}};
  for (const int fitted : {20, 200})
    critics.push_back({"learned from " + std::to_string(fitted) + " episodes",
                       learned_critic(scene.mdp, sample(scene.mdp, scene.exact.pi, fitted,
                                                        {.seed = settings.seed + 1, .threads = settings.threads}))});
  const std::vector<double> shares = {1, 0.5, 0.25, 0.1};
  for (const double share : shares)
    critics.push_back({"spoiled by e ~ " + digits(0.2 * share) + " N(0, 1)", spoiled(share)});

  const int episodes = settings.samples(60000, 4000);
  const std::vector<double> scores = scene.policy.scores();
  const Trajectories data =
      sample(scene.mdp, scene.exact.pi, episodes, {.seed = settings.seed, .threads = settings.threads});
  const auto measured = [&](const CriticTable& critic, double lambda, const std::vector<double>& truth) {
    settings.say(0.6, "λ " + digits(lambda));
    return measure(
        gradients(scene.policy, scores, data, psi({.estimator = "gae", .lambda = lambda}, scene.mdp, data, &critic), 1,
                  false, settings.threads),
        truth, kConfidence);
  };

  ExperimentResult out;
  out.question =
      "GAE(λ) mixes what was seen with what the critic says. How do bias and variance go with λ and γ, when the critic "
      "is exact, learned, or wrong by a known e(s)?";
  out.equations = {
      "Â_t = Σ_k (γλ)ᵏ δ_{t+k},  δ_t = r_t + γV̂(s_{t+1}) − V̂(s_t)",
      "V̂ = V + e:  E[δ|s,a] = A(s,a) + γE[e(s')|s,a] − e(s); E[e(s) ∇ ln π] = 0, so only γE[e(s')] reaches "
      "the gradient",
      "E‖ĝ_N − ∇J‖² = ‖bias‖² + tr Σ/N"};
  double least = 1;
  NumberTable table{"Measured against exact", {"critic", "λ", "‖bias‖/‖∇J‖", "exactly", "tr Σ", "exactly"}, {}};
  const double scale = norm(scene.gradient);
  const auto row = [&](const std::string& label, const CriticTable& critic, double lambda, const Quality& q) {
    const ExactMoments m = exact_moments({.estimator = "gae", .lambda = lambda}, scene.mdp, scene.policy, &critic);
    table.rows.push_back({label, digits(lambda), digits(q.bias.value / scale, q.bias.low / scale, q.bias.high / scale),
                          digits(distance(m.mean, scene.gradient) / scale),
                          digits(q.variance.value, q.variance.low, q.variance.high), digits(m.variance)});
  };
  for (const double lambda : {0.0, 0.5, 0.9, 1.0}) {
    const Quality q = measured(critics[0].table, lambda, scene.gradient);
    least = std::min(least, q.unbiased_p);
    row("exact", critics[0].table, lambda, q);
  }
  out.claims.push_back(claim_equal("With the exact critic every λ is unbiased",
                                   "Hotelling's T² against ∇J, the least of 4", least, 1 - (1 - kConfidence) / 4));
  const CriticTable wrong = spoiled(1);
  const Quality td = measured(wrong, 0, scene.gradient), whole = measured(wrong, 1, scene.gradient);
  row("spoiled", wrong, 0, td), row("spoiled", wrong, 1, whole);
  out.claims.push_back(
      claim_different("With a spoiled critic δ is biased", "Hotelling's T² against ∇J", td.unbiased_p, kConfidence));
  out.claims.push_back(claim_equal("…and λ = 1 is not: V̂ is a baseline there", "Hotelling's T² against ∇J",
                                   whole.unbiased_p, kConfidence));
  std::vector<double> expected = predicted_bias(scene, error);
  for (std::size_t k = 0; k < expected.size(); ++k) expected[k] += scene.gradient[k];
  out.claims.push_back(claim_equal("δ's bias is what γE[e(s')] alone gives", "Hotelling's T² against the prediction",
                                   measured(wrong, 0, expected).unbiased_p, kConfidence));

  Plot bias{"Bias", "exact; ‖E[ĝ] − ∇J‖ / ‖∇J‖", "λ", "relative bias", {}, false, false};
  Plot variance{"Variance", "exact; of one episode's gradient", "λ", "tr Σ", {}, false, false};
  Plot errors{"Mean squared error of " + std::to_string(kBatch) + " episodes",
              "exact",
              "λ",
              "‖bias‖² + tr Σ/20",
              {},
              false,
              true};
  NumberTable best{"The best λ for batches of " + std::to_string(kBatch) + " episodes",
                   {"critic", "root mean square e", "best λ"},
                   {}};
  std::vector<double> found;
  for (std::size_t i = 0; i < critics.size(); ++i) {
    settings.say(0.6 + 0.4 * static_cast<double>(i) / static_cast<double>(critics.size()), critics[i].label);
    Curves curves = over_lambda(scene, critics[i]);
    found.push_back(best_lambda(curves.error));
    best.rows.push_back({critics[i].label,
                         digits(distance(critics[i].table.v, scene.exact.v) / std::sqrt(scene.mdp.states - 1.0)),
                         digits(found.back())});
    bias.curves.push_back(std::move(curves.bias));
    variance.curves.push_back(std::move(curves.variance));
    errors.curves.push_back(std::move(curves.error));
  }
  const auto first = found.end() - static_cast<std::ptrdiff_t>(shares.size());
  Claim falls;
  falls.text = "The better the critic, the smaller the best λ";
  falls.statistic = "best λ of the best spoiled critic minus that of the worst";
  falls.value = found.back() - *first;
  falls.method = "no sampling; must fall all along, and in all";
  falls.holds = std::is_sorted(first, found.end(), std::greater<>()) && falls.value < 0;
  out.claims.push_back(falls);
  Plot shorter{"A smaller γ in the estimator",
               "exact; ∇J is of γ 0.95; mean squared error of 20 episodes",
               "γ",
               "‖bias‖² + tr Σ/20",
               {},
               false,
               true};
  const NumberTable gammas = over_gamma(scene, shorter);
  out.plots = {bias, variance, errors, shorter};
  out.tables = {table, best, gammas};
  out.settings = {{"MDP", scene.words()},
                  {"policy", "table of logits from N(0, 0.3²)"},
                  {"episodes measured", std::to_string(episodes)},
                  {"learned critics", "mean return-to-go of each state over 20 or 200 other episodes"},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "With the exact critic there is no bias at any λ, and a small λ is best; not always 0, as the noise of "
      "neighbouring "
      "δ's cancels in part. A critic that is wrong biases δ, and λ buys the bias back with variance; the minimum "
      "wanders "
      "to the left as the critic improves. A smaller γ does the same in another way: it is blind to what lies far "
      "ahead, "
      "and quieter.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment lambda_experiment() {
  return {"lambda", "λ and γ: bias against variance, by the critic's error", "the exact critic is spoiled", &run};
}

}  // namespace pigrad::lab
