#include <algorithm>
#include <cmath>

#include "../claims.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;

/// One estimator's pseudo-loss along the way.
struct Track {
  PsiSettings psi;
  Curve value;
  double least_p = 1;
  std::vector<Interval> values;
};

// −Σ_t γᵗΨ_t ln π of each episode: what a program that minimises prints.
std::vector<double> losses(const Scene& scene, const Trajectories& data, const std::vector<double>& weights) {
  std::vector<double> out(static_cast<std::size_t>(data.count()));
  for (int i = 0; i < data.count(); ++i)
    for (int row = data.begin[static_cast<std::size_t>(i)]; row < data.begin[static_cast<std::size_t>(i) + 1]; ++row) {
      const auto at = static_cast<std::size_t>(row);
      out[static_cast<std::size_t>(i)] -=
          weights[at] * std::log(scene.exact.pi[scene.mdp.at(data.state[at], data.action[at])]);
    }
  return out;
}

ExperimentResult run(const ExperimentSettings& settings) {
  FinitePolicy policy = FinitePolicy::linear(grid_world_mdp(0.95));
  const FiniteMdp mdp = grid_world_mdp(0.95);
  const int episodes = settings.samples(10000, 3000), pauses = 12;
  const bool time = !settings.control;
  std::vector<Track> tracks = {
      {{.estimator = "return_to_go", .discount_time = time}, {}, 1, {}},
      {{.estimator = "return_to_go", .baseline = BaselineKind::value, .discount_time = time}, {}, 1, {}}};
  Curve objective{"J, exact", {}, {}, {}, {}, true};
  for (Track& track : tracks) track.value.label = "pseudo-loss, " + track.psi.label(mdp.gamma);
  NumberTable table{"Along exact ascent", {"steps", "J", "pseudo-loss of G", "of G − V"}, {}};
  int steps = 0;
  for (int pause = 0; pause < pauses; ++pause) {
    settings.say(static_cast<double>(pause) / pauses, "after " + std::to_string(steps) + " steps");
    const Scene scene(mdp, policy);
    const CriticTable critic = exact_critic(scene.exact);
    const Trajectories data = sample(mdp, scene.exact.pi, episodes,
                                     {.seed = settings.seed, .first = pause * episodes, .threads = settings.threads});
    objective.x.push_back(steps + 1), objective.y.push_back(scene.exact.objective);
    std::vector<std::string> row = {std::to_string(steps), digits(scene.exact.objective)};
    for (Track& track : tracks) {
      const std::vector<double> weights = psi(track.psi, mdp, data, &critic);
      const Interval value = mean_interval(losses(scene, data, weights), kConfidence);
      track.values.push_back(value);
      track.value.x.push_back(steps + 1), track.value.y.push_back(value.value);
      track.value.low.push_back(value.low), track.value.high.push_back(value.high);
      row.push_back(digits(value.value, value.low, value.high));
      const auto g = gradients(scene.policy, scene.policy.scores(), data, weights, 1, false, settings.threads);
      track.least_p = std::min(track.least_p, measure(g, scene.gradient, kConfidence).unbiased_p);
    }
    table.rows.push_back(row);
    const int until = static_cast<int>(std::lround(4 * std::pow(1.5, pause)));
    for (; steps < until; ++steps) {
      std::vector<double> theta = exact_gradient(mdp, policy);
      for (std::size_t i = 0; i < theta.size(); ++i) theta[i] = policy.parameters()[i] + 2 * theta[i];
      policy.set_parameters(theta);
    }
  }

  ExperimentResult out;
  out.question =
      "Programs minimise −mean(Ψ ln π) and print it as the policy's loss. Its gradient is that of −J. Is its value "
      "anything like −J?";
  out.equations = {"L(θ) = −E[Σ_t γᵗ Ψ_t ln π_θ(a_t|s_t)], Ψ and the data taken as constants",
                   "∇L = −∇J where the data are π_θ's own; L ≠ −J",
                   "L changes with the baseline: −E[Σ γᵗ b(s_t) ln π] ≠ 0; ∇L does not"};
  const double least = std::min(tracks[0].least_p, tracks[1].least_p);
  out.claims.push_back(claim_equal("The pseudo-loss's gradient is −∇J all along, with a baseline and without",
                                   "Hotelling's T² against ∇J, the least of " + std::to_string(2 * pauses), least,
                                   1 - (1 - kConfidence) / (2 * pauses)));
  const Interval &bare = tracks[0].values.front(), &based = tracks[1].values.front();
  out.claims.push_back(claim_above("A baseline changes its value", "L without minus L with a baseline, at the start",
                                   {bare.value - based.value, bare.low - based.high, bare.high - based.low}, 0,
                                   kConfidence, "difference of two normal intervals"));
  // J rises at every step of this way; the loss that is to be minimised should fall.
  double rise = -1;
  Interval worst;
  for (const Track& track : tracks)
    for (std::size_t i = 0; i < track.values.size(); ++i)
      for (std::size_t k = i + 1; k < track.values.size(); ++k) {
        const Interval &a = track.values[i], &b = track.values[k];
        if (b.low - a.high > rise) rise = b.low - a.high, worst = {b.value - a.value, b.low - a.high, b.high - a.low};
      }
  out.claims.push_back(
      claim_above("It rises while J rises too", "largest rise of L between two policies, the later better", worst, 0,
                  1 - (1 - kConfidence) / (pauses * pauses), "difference of two normal intervals of 0.999 each"));
  Plot values{"The pseudo-loss and J",
              "along exact gradient ascent, 99.9 % bands",
              "ascent steps + 1",
              "L, J",
              {},
              true,
              false};
  values.curves = {tracks[0].value, tracks[1].value, objective};
  out.plots = {values};
  out.tables = {table};
  out.settings = {{"MDP", mdp.name + ", γ 0.95, from the uniform policy"},
                  {"episodes a policy", std::to_string(episodes)},
                  {"ascent", std::to_string(steps) + " exact steps of rate 2"},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "The value of the printed policy loss says how surprised the policy was by what it did, weighed by Ψ: it goes to "
      "0 "
      "as the policy becomes certain, good or bad, and starts at 0 with advantages and a uniform policy. Watch "
      "returns.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment pseudo_loss_experiment() {
  return {"pseudo-loss", "The pseudo-loss: its value does not track J, its gradient does", "γᵗ is left away", &run};
}

}  // namespace pigrad::lab
