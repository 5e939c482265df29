#include <algorithm>
#include <cmath>
#include <limits>

#include "../claims.hpp"
#include "../moments.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;
constexpr int kFitted = 300;  // other episodes, for learned critics and baselines

struct Tried {
  PsiSettings psi;
  bool unbiased = true;
  bool drawn = true;     ///< in the picture of errors; all are in the table
  bool learned = false;  ///< its critic is
  int batch = 1;
  Quality quality = {};
  ExactMoments exact = {};  ///< empty where there is no exact answer
  std::string label(double gamma) const {
    return psi.label(gamma) + (learned ? ", learned critic" : "") + (batch > 1 ? " over " + std::to_string(batch) : "");
  }
};

std::vector<Tried> forms() {
  using K = BaselineKind;
  const bool biased = false, table_only = false;
  std::vector<Tried> all = {{.psi = {.estimator = "total_return"}}, {.psi = {.estimator = "return_to_go"}}};
  for (const K kind : {K::constant, K::optimal, K::time, K::value})
    all.push_back({.psi = {.estimator = "return_to_go", .baseline = kind}, .drawn = kind == K::value});
  all.push_back({.psi = {.estimator = "q"}, .drawn = table_only});
  all.push_back({.psi = {.estimator = "q", .baseline = K::value}});
  all.push_back({.psi = {.estimator = "td_error"}});
  all.push_back({.psi = {.estimator = "n_step", .baseline = K::value, .n = 5}, .drawn = table_only});
  all.push_back({.psi = {.estimator = "gae", .lambda = 0.9}, .drawn = table_only});
  all.push_back({.psi = {.estimator = "q", .baseline = K::value}, .unbiased = biased, .learned = true});
  all.push_back({.psi = {.estimator = "td_error"}, .unbiased = biased, .drawn = table_only, .learned = true});
  all.push_back({.psi = {.estimator = "gae", .lambda = 0.9}, .unbiased = biased, .drawn = table_only, .learned = true});
  all.push_back({.psi = {.estimator = "reward_to_go"}, .unbiased = biased, .drawn = table_only});
  all.push_back({.psi = {.estimator = "return_to_go", .discount_time = false}, .unbiased = biased});
  all.push_back({.psi = {.estimator = "gae", .lambda = 0.9, .discount_time = false}, .unbiased = biased});
  all.push_back({.psi = {.estimator = "gae", .lambda = 0.9, .discount_time = false, .normalise = true},
                 .unbiased = biased,
                 .drawn = table_only,
                 .batch = 16});
  return all;
}

ExperimentResult run(const ExperimentSettings& settings) {
  FiniteMdp mdp = random_mdp(7, {.states = 8, .actions = 3, .branches = 3, .end = 0.08, .gamma = 0.9});
  for (double& r : mdp.reward) r += 1;
  const Scene scene = Scene::linear(std::move(mdp), settings.seed, 0.5);
  const int episodes = settings.samples(40000, 4000);
  const std::vector<double> scores = scene.policy.scores();
  const Trajectories data =
      sample(scene.mdp, scene.exact.pi, episodes, {.seed = settings.seed, .threads = settings.threads});
  const CriticTable critic = settings.control
                                 ? spoiled_critic(scene.mdp, scene.exact, critic_error(scene.mdp, 1, settings.seed))
                                 : exact_critic(scene.exact);
  const Trajectories fit = sample(scene.mdp, scene.exact.pi, kFitted,
                                  {.seed = settings.seed, .first = episodes, .threads = settings.threads});
  const CriticTable learned = learned_critic(scene.mdp, fit);
  std::vector<Tried> all = forms();
  Plot errors{"Error against samples",
              "mean of ‖ĝ − ∇J‖² over disjoint groups of episodes, 99.9 % bands",
              "episodes",
              "‖ĝ − ∇J‖²",
              {},
              true,
              true};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string label = all[i].label(scene.mdp.gamma);
    settings.say(static_cast<double>(i) / static_cast<double>(all.size()), label);
    const PsiSettings& form = all[i].psi;
    const CriticTable& seen = all[i].learned ? learned : critic;
    const Baseline baseline = fit_baseline(form, scene.mdp, scene.policy, fit, &seen);
    const auto g = gradients(scene.policy, scores, data, psi(form, scene.mdp, data, &seen, baseline), all[i].batch,
                             form.normalise, settings.threads);
    all[i].quality = measure(g, scene.gradient, kConfidence);
    if (has_exact_moments(form)) all[i].exact = exact_moments(form, scene.mdp, scene.policy, &seen, baseline);
    if (!all[i].drawn) continue;
    Curve curve{label, {}, {}, {}, {}, !all[i].unbiased};
    for (int size = 1; size <= episodes / 20; size *= 4) {
      const Interval error = error_of_groups(g, scene.gradient, size, kConfidence);
      curve.x.push_back(size), curve.y.push_back(error.value);
      curve.low.push_back(error.low), curve.high.push_back(error.high);
    }
    errors.curves.push_back(std::move(curve));
  }

  ExperimentResult out;
  out.question =
      "The policy-gradient theorem allows many Ψ in E[Σ_t γᵗ Ψ_t ∇ ln π(a_t|s_t)]. Do they all give ∇J, and what does "
      "each cost in variance, with the exact critic and with a learned one?";
  out.equations = {"∇J = E[Σ_t γᵗ Ψ_t ∇ ln π(a_t|s_t)]",
                   "Ψ: total return (without γᵗ), Σγr to go, − V, Q, A = Q − V, δ, n-step − V, GAE(λ)",
                   "E‖ĝ_N − ∇J‖² = ‖bias‖² + tr Σ/N"};
  double least = 1, most = 0, off = 0;
  int contained = 0, known = 0;
  for (const Tried& one : all) {
    if (one.unbiased) least = std::min(least, one.quality.unbiased_p);
    if (!one.psi.discount_time && !one.psi.normalise) most = std::max(most, one.quality.unbiased_p);
    if (one.exact.mean.empty()) continue;
    ++known;
    contained += one.quality.variance.contains(one.exact.variance);
    off = std::max(off, std::abs(one.quality.variance.value / one.exact.variance - 1));
  }
  const auto count = static_cast<double>(all.size());
  out.claims.push_back(claim_equal("Every Ψ of the theorem has the mean ∇J", "Hotelling's T² against ∇J, the least",
                                   least, 1 - (1 - kConfidence) / count));
  out.claims.push_back(claim_different("Without γᵗ the mean is not the gradient of the discounted J",
                                       "Hotelling's T² against ∇J, the greatest", most, kConfidence));
  const auto quieter = [&](std::size_t a, std::size_t b, const std::string& text) {
    const Interval &first = all[a].quality.variance, &second = all[b].quality.variance;
    out.claims.push_back(claim_below(text, "quotient of tr Σ",
                                     {first.value / second.value, first.low / second.high, first.high / second.low}, 1,
                                     kConfidence, "quotient of two normal intervals"));
  };
  quieter(1, 0, "Returns-to-go vary less than total returns");
  quieter(7, 1, "The exact advantage varies less than returns-to-go");
  Claim agrees;
  agrees.text = "Measured variances agree with the exact ones";
  agrees.statistic = "intervals that hold the exact tr Σ, of " + std::to_string(known);
  agrees.value = contained, agrees.confidence = kConfidence;
  agrees.method = "normal intervals; largest relative difference " + digits(off);
  agrees.holds = contained == known;
  out.claims.push_back(agrees);

  EstimatePlot bias{"Bias", "E[ĝ] along ∇J, 99.9 % intervals", "E[ĝ]·∇J / ‖∇J‖²", {}, {{1, "∇J"}}};
  NumberTable table{
      "Every Ψ", {"Ψ", "‖bias‖/‖∇J‖", "exactly", "p (no bias)", "tr Σ", "exactly", "cosine of the mean"}, {}};
  const double scale = norm(scene.gradient);
  for (const Tried& one : all) {
    const Quality& q = one.quality;
    const std::string label = one.label(scene.mdp.gamma);
    const bool exact = !one.exact.mean.empty();
    bias.rows.push_back({label, q.length.value, q.length.low, q.length.high});
    table.rows.push_back({label, digits(q.bias.value / scale, q.bias.low / scale, q.bias.high / scale),
                          exact ? digits(distance(one.exact.mean, scene.gradient) / scale) : "—", digits(q.unbiased_p),
                          digits(q.variance.value, q.variance.low, q.variance.high),
                          exact ? digits(one.exact.variance) : "—", digits(q.cosine.value)});
  }
  out.plots = {errors};
  out.estimates = {bias};
  out.tables = {table};
  out.settings = {{"MDP", scene.words() + "; rewards N(1, 1)"},
                  {"policy", "table of logits from N(0, 0.5²)"},
                  {"critic", settings.control ? "spoiled by e ~ N(0, 1)" : "exact"},
                  {"episodes", std::to_string(episodes)},
                  {"other episodes, for learned critics and baselines", std::to_string(kFitted)},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "Lines that fall without end belong to unbiased forms; dashed ones level off at their squared bias. Where a line "
      "begins is its variance: the same direction costs many times more samples with the total return than with the "
      "exact advantage. What most programs do, leaving γᵗ away, is a biased estimate of the gradient of the discounted "
      "J: here twice as long in nearly the same direction, as later states count as much as early ones.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment psi_experiment() {
  return {"psi", "Every Ψ of the policy-gradient theorem side by side", "the critic is spoiled", &run};
}

}  // namespace pigrad::lab
