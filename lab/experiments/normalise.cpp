#include <cmath>

#include "../claims.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;

PsiSettings form(bool normalise) {
  return {.estimator = "gae", .lambda = 0.95, .discount_time = false, .normalise = normalise};
}

FiniteMdp scaled(FiniteMdp mdp, double by, bool everywhere) {
  for (int s = 0; s < mdp.states; ++s)
    for (int a = 0; a < mdp.actions; ++a)
      for (int next = 0; next < mdp.states; ++next)
        if (everywhere || s < mdp.states / 2) mdp.reward[mdp.at(s, a, next)] *= by;
  return mdp;
}

double variance_of(const FiniteMdp& mdp, const FinitePolicy& policy, bool normalise, int count,
                   const SampleOptions& options) {
  const CriticTable critic = exact_critic(solve(mdp, policy));
  const auto g = sample_gradients(mdp, policy, {form(normalise), &critic, {}, 8}, count, options);
  return measure(g, std::vector<double>(static_cast<std::size_t>(policy.size()), 1.0)).variance.value;
}

// The last few returns of plain ascent, and how its steps varied in length.
struct Ascent {
  std::vector<double> objective;
  double longest = 0, median = 0;
};

Ascent ascend(const Scene& scene, bool normalise, double rate, int steps, const SampleOptions& options) {
  FinitePolicy policy = scene.policy;
  Ascent out;
  std::vector<double> lengths;
  for (int k = 0; k < steps; ++k) {
    const Exact exact = solve(scene.mdp, policy);
    out.objective.push_back(exact.objective);
    const CriticTable critic = exact_critic(exact);
    SampleOptions own = options;
    own.first = k * 8;
    std::vector<double> g = sample_gradients(scene.mdp, policy, {form(normalise), &critic, {}, 8}, 8, own);
    lengths.push_back(rate * norm(g));
    for (std::size_t i = 0; i < g.size(); ++i) g[i] = policy.parameters()[i] + rate * g[i];
    policy.set_parameters(g);
  }
  std::sort(lengths.begin(), lengths.end());
  out.longest = lengths.back(), out.median = lengths[lengths.size() / 2];
  return out;
}

ExperimentResult run(const ExperimentSettings& settings) {
  const Scene scene = Scene::linear(grid_world_mdp(0.95), settings.seed, 0.3);
  const int episodes = settings.samples(20000, 4000);
  const SampleOptions options{.seed = settings.seed, .threads = settings.threads};
  const double factor = 10;
  settings.say(0, "rewards times ten");
  const FiniteMdp larger = scaled(scene.mdp, factor, !settings.control);
  const double raw = variance_of(larger, scene.policy, false, 4000, options) /
                     variance_of(scene.mdp, scene.policy, false, 4000, options);
  const double unit = variance_of(larger, scene.policy, true, 4000, options) /
                      variance_of(scene.mdp, scene.policy, true, 4000, options);

  ExperimentResult out;
  out.question =
      "Advantages are often shifted to mean 0 and scaled to deviation 1 over a batch. What does that do to the "
      "gradient's direction and length, and to learning by plain ascent?";
  out.equations = {"Ψ ← (Ψ − mean)/(deviation + ε) over the batch",
                   "r → c·r: Ψ → cΨ, Cov(ĝ) → c² Cov(ĝ); normalised: nothing changes"};
  out.claims.push_back(claim_exact("Rewards times c multiply the gradient's variance by c²",
                                   "tr Σ(10 r)/tr Σ(r)/100 − 1, the same episodes", raw / factor / factor - 1, 1e-9));
  out.claims.push_back(claim_exact("…and change nothing if advantages are normalised",
                                   "tr Σ(10 r)/tr Σ(r) − 1, the same episodes", unit - 1, 1e-6));

  // The direction that the same estimator has without normalising.
  const CriticTable critic = exact_critic(scene.exact);
  std::vector<double> bar(scene.exact.q.size());
  for (std::size_t i = 0; i < bar.size(); ++i)
    bar[i] = scene.exact.visits[i / static_cast<std::size_t>(scene.mdp.actions)] * scene.exact.advantage[i];
  const std::vector<double> plain = scene.policy.pull_back(bar);
  Plot direction{"Direction and length of the mean of normalised gradients",
                 "against the mean without normalising, 99.9 % bands",
                 "episodes in a batch",
                 "",
                 {},
                 true,
                 false};
  Curve cosines{"cosine", {}, {}, {}, {}, false}, lengths{"length, times its value at 64", {}, {}, {}, {}, true};
  NumberTable table{"Normalised over batches", {"episodes in a batch", "cosine", "length of the mean/‖raw mean‖"}, {}};
  Quality large;
  for (const int batch : {1, 2, 4, 16, 64}) {
    settings.say(0.2 + 0.08 * std::log2(batch), "batches of " + std::to_string(batch));
    const auto g = scene.sample({form(true), &critic, {}, batch}, episodes, options);
    large = measure(g, plain, kConfidence);
    cosines.x.push_back(batch), cosines.y.push_back(large.cosine.value);
    cosines.low.push_back(large.cosine.low), cosines.high.push_back(large.cosine.high);
    lengths.x.push_back(batch), lengths.y.push_back(large.length.value);
    table.rows.push_back({std::to_string(batch), digits(large.cosine.value, large.cosine.low, large.cosine.high),
                          digits(large.length.value, large.length.low, large.length.high)});
  }
  for (double& y : lengths.y) y /= large.length.value;
  direction.curves = {cosines, lengths};
  out.claims.push_back(claim_above("Over 64 episodes the mean direction stays",
                                   "cosine with the mean without normalising", large.cosine, 0.97, kConfidence,
                                   "delta method"));
  out.claims.push_back(claim_above("…but not the length: it is divided by the advantages' deviation",
                                   "E[ĝ]·g/‖g‖², g the mean without normalising", large.length, 1, kConfidence));

  settings.say(0.75, "plain ascent");
  const int steps = settings.samples(400, 100);
  const std::vector<double> rates = {0.1, 1};
  Plot learning{"Plain ascent on batches of 8 episodes",
                "exact J after each step; rewards r and 10 r",
                "steps",
                "J/c",
                {},
                false,
                false};
  NumberTable ascents{"Plain ascent", {"advantages", "rewards", "J at the end, /c", "longest step/median step"}, {}};
  std::vector<double> ends;
  for (const bool normalise : {false, true})
    for (const double c : {1.0, 10.0}) {
      Scene other(scaled(scene.mdp, c, true), scene.policy);
      const Ascent a = ascend(other, normalise, 0.02, steps, options);
      Curve curve{
          std::string(normalise ? "normalised" : "raw") + ", rewards × " + digits(c), {}, {}, {}, {}, normalise};
      for (int k = 0; k < steps; ++k)
        curve.x.push_back(k), curve.y.push_back(a.objective[static_cast<std::size_t>(k)] / c);
      ends.push_back(curve.y.back());
      ascents.rows.push_back(
          {normalise ? "normalised" : "raw", "× " + digits(c), digits(curve.y.back()), digits(a.longest / a.median)});
      learning.curves.push_back(std::move(curve));
    }
  out.claims.push_back(claim_exact("Normalised plain ascent does not see the rewards' scale",
                                   "J/c at the end, × 10 minus × 1", ends[3] - ends[2], 1e-6));
  out.plots = {direction, learning};
  out.tables = {table, ascents};
  out.settings = {{"MDP", scene.words()},
                  {"policy", "table of logits from N(0, 0.3²)"},
                  {"Ψ", "GAE(0.95), exact critic, no γᵗ, ε 1e-12"},
                  {"episodes", std::to_string(episodes)},
                  {"ascent", std::to_string(steps) + " steps of rate 0.02"},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "Small batches bend the direction a little, as an episode's own deviation divides its own advantages; large ones "
      "only rescale it. What normalising buys is a step rate that does not depend on the reward's unit: raw ascent "
      "gains "
      "more here when all rewards are ten times larger, normalised ascent goes the same way. "
      "For system 5 (docs/five_systems.md) little changes, as AdamW divides by the gradient's size anyway.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment normalise_experiment() {
  return {"normalise", "Normalising advantages: direction, length, scale", "half of the rewards are scaled", &run};
}

}  // namespace pigrad::lab
