#include <cmath>

#include "../../rl/a2c.hpp"
#include "../claims.hpp"
#include "../moments.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999, kRight = 0.9;

// Exact gradient ascent: what a perfect estimator would make of the policy.
std::vector<std::vector<double>> path_of_ascent(const Scene& scene, const std::vector<int>& at, double rate) {
  std::vector<std::vector<double>> thetas;
  FinitePolicy policy = scene.policy;
  for (int k = 0; k <= at.back(); ++k) {
    for (const int wanted : at)
      if (wanted == k) thetas.push_back(policy.parameters());
    std::vector<double> theta = exact_gradient(scene.mdp, policy);
    for (std::size_t i = 0; i < theta.size(); ++i) theta[i] = policy.parameters()[i] + rate * theta[i];
    policy.set_parameters(theta);
  }
  return thetas;
}

/// B along a run of A2C that learns GridWorld-v0 with a network.
struct Training {
  Curve scale{"A2C, a network of 8 units", {}, {}, {}, {}, false};
  NumberTable table{"Over A2C's training of a network of 8 units on GridWorld-v0",
                    {"epochs", "J", "‖∇J‖", "tr Σ, exactly", "B, episodes"},
                    {}};
  double grows = 0;  ///< B at the end over B at the start
};

Training follow_a2c(const FiniteMdp& mdp, const ExperimentSettings& settings) {
  TrainSettings s;
  s.environment = "GridWorld-v0";
  s.scalar = "float64";
  s.gamma = mdp.gamma;
  s.seed = static_cast<std::int64_t>(settings.seed);
  s.copies = 16, s.steps = 64;
  s.policy.network.hidden = {8}, s.critic.network.hidden = {8};
  s.policy.optimiser.learning_rate = s.critic.optimiser.learning_rate = 0.02;
  s.critic.steps_per_minibatch = 10;
  A2c<double> a2c(s, Registry::builtin());
  FinitePolicy policy(mdp, a2c.agent().layout(), [&](Tape&, const Tensor& obs) { return a2c.agent().policy(obs); });
  Training out;
  const std::vector<int> at = settings.control ? std::vector<int>{0, 0} : std::vector<int>{0, 5, 20, 60};
  for (const int epochs : at) {
    while (a2c.epochs_done() < epochs) a2c.epoch(settings.threads);
    const Parameters<double>& now = a2c.agent().parameters();
    policy.set_parameters({now.data(), now.data() + now.size()});
    const Scene scene(mdp, policy);
    const CriticTable critic = exact_critic(scene.exact);
    const double variance =
        exact_moments({.estimator = "return_to_go", .baseline = BaselineKind::value}, mdp, policy, &critic).variance;
    const double b = variance / dot(scene.gradient, scene.gradient);
    out.scale.x.push_back(epochs + 1), out.scale.y.push_back(b * kRight * kRight / (1 - kRight * kRight));
    out.table.rows.push_back({std::to_string(epochs), digits(scene.exact.objective), digits(norm(scene.gradient)),
                              digits(variance), digits(b)});
    if (epochs == 0) out.grows = 1 / b;
    out.grows *= epochs == at.back() ? b : 1;
  }
  return out;
}

ExperimentResult run(const ExperimentSettings& settings) {
  Scene start(grid_world_mdp(0.95), FinitePolicy::linear(grid_world_mdp(0.95)));
  const std::vector<int> at = settings.control ? std::vector<int>{0, 1} : std::vector<int>{0, 100, 300, 1000, 3000};
  settings.say(0, "ascent");
  const auto thetas = path_of_ascent(start, at, settings.control ? 0 : 3);
  const int episodes = settings.samples(40000, 4000);
  const PsiSettings form{.estimator = "return_to_go", .baseline = BaselineKind::value};

  ExperimentResult out;
  out.question =
      "How many episodes until the gradient points the right way, and does that change as the policy gets better?";
  out.equations = {"N independent gradients: E‖ĝ‖² = ‖∇J‖² + tr Σ/N, so that cos(ĝ, ∇J) ≈ 1/√(1 + B/N)",
                   "B = tr Σ/‖∇J‖², the simple noise scale (McCandlish et al. 2018, eq. 2.9)",
                   "cosine c needs N ≈ B c²/(1 − c²)"};
  Plot cosines{"Cosine of the mean gradient with ∇J",
               "mean over disjoint groups, 99.9 % bands; dashed: 1/√(1 + B/N)",
               "episodes N",
               "cosine",
               {},
               true,
               false};
  NumberTable table{"Over training",
                    {"ascent steps", "J", "‖∇J‖", "tr Σ", "exactly", "B, episodes", "N for cosine " + digits(kRight)},
                    {}};
  Plot needed{"Episodes needed for cosine 0.9",
              "B c²/(1 − c²), 99.9 % bands",
              "ascent steps, or epochs, + 1",
              "episodes",
              {},
              true,
              true};
  Curve wanted{"exact ascent, a table", {}, {}, {}, {}, false};
  std::vector<Interval> scales;
  double worst = 0;
  for (std::size_t i = 0; i < thetas.size(); ++i) {
    settings.say(static_cast<double>(i) / static_cast<double>(thetas.size()), "after " + std::to_string(at[i]));
    FinitePolicy policy = start.policy;
    policy.set_parameters(thetas[i]);
    const Scene scene(start.mdp, policy);
    const CriticTable critic = exact_critic(scene.exact);
    const auto g =
        scene.sample({form, &critic, {}, 1}, episodes, {.seed = settings.seed + i, .threads = settings.threads});
    const Quality q = measure(g, scene.gradient, kConfidence);
    const ExactMoments exact = exact_moments(form, scene.mdp, scene.policy, &critic);
    const double square = dot(scene.gradient, scene.gradient), odds = kRight * kRight / (1 - kRight * kRight);
    const Interval b{q.variance.value / square, q.variance.low / square, q.variance.high / square};
    scales.push_back(b);
    table.rows.push_back({std::to_string(at[i]), digits(scene.exact.objective), digits(std::sqrt(square)),
                          digits(q.variance.value, q.variance.low, q.variance.high), digits(exact.variance),
                          digits(b.value, b.low, b.high), digits(b.value * odds)});
    wanted.x.push_back(at[i] + 1), wanted.y.push_back(b.value * odds);
    wanted.low.push_back(b.low * odds), wanted.high.push_back(b.high * odds);
    Curve measured{"after " + std::to_string(at[i]), {}, {}, {}, {}, false}, law{"", {}, {}, {}, {}, true};
    for (int n = 1; n <= episodes / 20; n *= 4) {
      const Interval c = cosine_of_groups(g, scene.gradient, n, kConfidence);
      measured.x.push_back(n), measured.y.push_back(c.value);
      measured.low.push_back(c.low), measured.high.push_back(c.high);
      law.x.push_back(n), law.y.push_back(1 / std::sqrt(1 + exact.variance / square / n));
      if (n >= 64) worst = std::max(worst, std::abs(c.value - law.y.back()));
    }
    measured.colour = law.colour = static_cast<int>(i);
    cosines.curves.push_back(std::move(measured));
    if (i == 0 || i + 1 == thetas.size()) law.label = "law, after " + std::to_string(at[i]);
    if (!law.label.empty()) cosines.curves.push_back(std::move(law));
  }
  settings.say(0.9, "A2C");
  const Training training = follow_a2c(start.mdp, settings);
  needed.curves = {wanted, training.scale};
  const Interval &first = scales.front(), &last = scales.back();
  out.claims.push_back(claim_above("A trained policy needs more episodes for the same cosine than an untrained one",
                                   "B at the end/B at the start",
                                   {last.value / first.value, last.low / first.high, last.high / first.low}, 2,
                                   kConfidence, "quotient of two normal intervals"));
  Claim law;
  law.text = "From 64 episodes on the cosine is 1/√(1 + B/N) within 0.1";
  law.statistic = "largest difference of a measured cosine from the law with the exact B";
  law.value = worst, law.confidence = kConfidence, law.method = "at most 0.1", law.holds = worst <= 0.1;
  out.claims.push_back(law);
  Claim real;
  real.text = "So does a network that A2C trains on GridWorld-v0";
  real.statistic = "B at the end/B at the start", real.value = training.grows;
  real.method = "exact at both ends of one run; above 2", real.holds = training.grows > 2;
  out.claims.push_back(real);
  out.plots = {cosines, needed};
  out.tables = {table, training.table};
  out.settings = {{"MDP", start.words()},
                  {"policies", "table of logits from 0, along exact gradient ascent of rate 3"},
                  {"Ψ", "return-to-go − V, exact critic"},
                  {"A2C", "16 copies × 64 steps an epoch, Adam at 0.02, hidden layers of 8, γ 0.95"},
                  {"episodes a policy", std::to_string(episodes)},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "The gradient shrinks as the policy nears its best, and its noise shrinks less: batches that were ample at first "
      "point anywhere later. Whether a run stalls for lack of signal or for lack of samples is read off B.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment samples_experiment() {
  return {"samples", "How many samples until the gradient points the right way", "the policy is not trained", &run};
}

}  // namespace pigrad::lab
