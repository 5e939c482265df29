#include <algorithm>
#include <cmath>

#include "../claims.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;

// Total returns minus the mean over each batch's own episodes: the baseline has seen what it is subtracted from.
std::vector<double> with_own_mean(const Scene& scene, const Trajectories& data, int batch, int threads) {
  std::vector<double> weights = psi({.estimator = "total_return"}, scene.mdp, data, nullptr);
  const auto first_row = [&](int episode) {
    return static_cast<std::size_t>(data.begin[static_cast<std::size_t>(episode)]);
  };
  for (int begin = 0; begin + batch <= data.count(); begin += batch) {
    double mean = 0;
    for (int i = begin; i < begin + batch; ++i) mean += weights[first_row(i)] / batch;
    for (std::size_t row = first_row(begin); row < first_row(begin + batch); ++row) weights[row] -= mean;
  }
  return gradients(scene.policy, scene.policy.scores(), data, weights, batch, false, threads);
}

struct Tried {
  PsiSettings psi;
  Quality quality;
};

ExperimentResult run(const ExperimentSettings& settings) {
  const Scene scene = Scene::linear(grid_world_mdp(0.95), settings.seed, 0.3);
  const int episodes = settings.samples(60000, 4000), fitted = settings.samples(10000, 1000);
  const SampleOptions other{.seed = settings.seed, .first = episodes, .threads = settings.threads};
  const SampleOptions own{.seed = settings.seed, .threads = settings.threads};
  const Trajectories fit = sample(scene.mdp, scene.exact.pi, fitted, other);
  const Trajectories data = sample(scene.mdp, scene.exact.pi, episodes, own);
  const std::vector<double> scores = scene.policy.scores();
  CriticTable critic = exact_critic(scene.exact);

  std::vector<Tried> all;
  for (const char* estimator : {"total_return", "return_to_go"})
    for (const BaselineKind kind :
         {BaselineKind::none, BaselineKind::constant, BaselineKind::optimal, BaselineKind::time, BaselineKind::value})
      all.push_back({{.estimator = estimator, .baseline = kind}, {}});
  for (std::size_t i = 0; i < all.size(); ++i) {
    settings.say(0.8 * static_cast<double>(i) / static_cast<double>(all.size()), all[i].psi.label(scene.mdp.gamma));
    std::vector<double> weights =
        psi(all[i].psi, scene.mdp, data, &critic, fit_baseline(all[i].psi, scene.mdp, scene.policy, fit, &critic));
    if (settings.control && all[i].psi.baseline == BaselineKind::value)  // Q(s,a): it looks at the action
      for (std::size_t row = 0; row < weights.size(); ++row) {
        const double time = std::pow(scene.mdp.gamma, all[i].psi.estimator == "total_return" ? 0 : data.time[row]);
        weights[row] -= time * scene.exact.advantage[scene.mdp.at(data.state[row], data.action[row])];
      }
    all[i].quality = measure(gradients(scene.policy, scores, data, weights, 1, false, settings.threads), scene.gradient,
                             kConfidence);
  }

  const int batch = 4;
  settings.say(0.8, "a baseline of the same data");
  const Quality same = measure(with_own_mean(scene, data, batch, settings.threads), scene.gradient, kConfidence);

  ExperimentResult out;
  out.question =
      "A baseline is subtracted from the return before it multiplies the score. Does the mean gradient stay what it "
      "was, and how much variance goes?";
  out.equations = {"E[(Ψ − b(s)) ∇ ln π(a|s)] = E[Ψ ∇ ln π(a|s)], as Σ_a π ∇ ln π = ∇ Σ_a π = 0",
                   "best constant for the total return: b* = E[‖Σ∇ ln π‖² R] / E[‖Σ∇ ln π‖²]",
                   "a mean over the same B episodes: E[ĝ] = (1 − 1/B) ∇J"};
  double worst = 1;
  for (const Tried& one : all) worst = std::min(worst, one.quality.unbiased_p);
  const double bonferroni = 1 - (1 - kConfidence) / static_cast<double>(all.size());
  out.claims.push_back(claim_equal("A baseline fitted on other data does not bias: every mean gradient is ∇J",
                                   "Hotelling's T² against ∇J, the least of " + std::to_string(all.size()), worst,
                                   bonferroni));
  const auto saves = [&](std::size_t with, std::size_t without, const std::string& text) {
    const Interval &b = all[with].quality.variance, &none = all[without].quality.variance;
    out.claims.push_back(claim_below(text, "tr Σ of the episode's gradient, times that without a baseline",
                                     {b.value / none.value, b.low / none.high, b.high / none.low}, 1, kConfidence,
                                     "quotient of two normal intervals"));
  };
  const std::size_t half = all.size() / 2;
  saves(half + 4, half, "V(s) saves variance with the return-to-go");
  saves(2, 0, "The best constant saves variance with the total return");
  out.claims.push_back(claim_contains("A mean over the same four episodes shrinks the gradient to 1 − 1/4 of it",
                                      "E[ĝ]·∇J/‖∇J‖²", same.length, 1 - 1.0 / batch, kConfidence));
  out.claims.push_back(claim_below("…and that is a bias", "E[ĝ]·∇J/‖∇J‖²", same.length, 1, kConfidence));

  EstimatePlot lengths{"Does it bias?", "E[ĝ] along ∇J, 99.9 % intervals", "E[ĝ]·∇J / ‖∇J‖²", {}, {{1, "∇J"}}};
  EstimatePlot spread{"What it saves", "variance of one episode's gradient, 99.9 % intervals", "tr Σ", {}, {}};
  NumberTable table{"Baselines", {"Ψ", "‖bias‖/‖∇J‖", "p (no bias)", "tr Σ", "cosine of the mean with ∇J"}, {}};
  const double scale = norm(scene.gradient);
  for (const Tried& one : all) {
    const Quality& q = one.quality;
    const std::string label = one.psi.label(scene.mdp.gamma);
    lengths.rows.push_back({label, q.length.value, q.length.low, q.length.high});
    spread.rows.push_back({label, q.variance.value, q.variance.low, q.variance.high});
    table.rows.push_back({label, digits(q.bias.value / scale, q.bias.low / scale, q.bias.high / scale),
                          digits(q.unbiased_p), digits(q.variance.value, q.variance.low, q.variance.high),
                          digits(q.cosine.value, q.cosine.low, q.cosine.high)});
  }
  lengths.rows.push_back({"total_return − mean of the same 4", same.length.value, same.length.low, same.length.high});
  out.estimates = {lengths, spread};
  out.tables = {table};
  out.settings = {{"MDP", scene.words()},
                  {"policy", "table of logits from N(0, 0.3²)"},
                  {"episodes", std::to_string(episodes)},
                  {"other episodes, to fit baselines", std::to_string(fitted)},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "All intervals of the upper picture but the last hold 1: no baseline that was fitted on other data moves the "
      "mean. The last one does not: each return is part of the mean that is subtracted from it. The lower one shows "
      "that a "
      "baseline must suit its Ψ: V(s_t) makes the return-to-go quieter and the total return louder, as the total "
      "return "
      "of an episode near the goal is not near V of where it is.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment baseline_experiment() {
  return {"baseline", "A baseline does not bias, and saves variance",
          "the value baseline gets Q(s,a), which looks at the action", &run};
}

}  // namespace pigrad::lab
