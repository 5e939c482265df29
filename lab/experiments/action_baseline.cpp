#include <cmath>

#include "../claims.hpp"
#include "../moments.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999, kShare = 0.5;

ExperimentResult run(const ExperimentSettings& settings) {
  const Scene scene = Scene::linear(grid_world_mdp(0.95), settings.seed, 0.3);
  const int episodes = settings.samples(60000, 4000);
  const std::vector<double> scores = scene.policy.scores();
  const Trajectories data =
      sample(scene.mdp, scene.exact.pi, episodes, {.seed = settings.seed, .threads = settings.threads});
  const CriticTable critic = exact_critic(scene.exact);
  std::vector<double> time(static_cast<std::size_t>(data.rows()));
  discount_weight<double>(data.path(), scene.mdp.gamma, nullptr, time.data());
  const std::vector<double> returns = psi({.estimator = "return_to_go"}, scene.mdp, data, nullptr);

  // Returns minus γᵗ·share·table(s,a).
  const auto minus = [&](const std::vector<double>& table, double share) {
    std::vector<double> out = returns;
    for (std::size_t row = 0; row < out.size(); ++row)
      out[row] -= time[row] * share * table[scene.mdp.at(data.state[row], data.action[row])];
    return gradients(scene.policy, scores, data, out, 1, false, settings.threads);
  };
  std::vector<double> of_state(scene.exact.q.size());
  for (std::size_t i = 0; i < of_state.size(); ++i)
    of_state[i] = scene.exact.v[i / static_cast<std::size_t>(scene.mdp.actions)];
  const std::vector<double>& of_action = settings.control ? of_state : scene.exact.q;

  settings.say(0.1, "a baseline of states");
  const Quality states = measure(minus(of_state, 1), scene.gradient, kConfidence);
  settings.say(0.3, "a baseline of actions");
  const Quality half = measure(minus(of_action, kShare), scene.gradient, kConfidence);
  const Quality whole = measure(minus(of_action, 1), scene.gradient, kConfidence);
  settings.say(0.6, "put right");
  // What the baseline took from each visited state's gradient, given back: γᵗ Σ_a b(s,a) ∇π(a|s).
  std::vector<double> right = minus(scene.exact.q, 1);
  const auto parameters = static_cast<std::size_t>(scene.policy.size());
  std::vector<double> taken(static_cast<std::size_t>(scene.mdp.states) * parameters);
  for (int s = 0; s < scene.mdp.states; ++s)
    for (int a = 0; a < scene.mdp.actions; ++a) {
      const std::size_t i = scene.mdp.at(s, a);
      for (std::size_t k = 0; k < parameters; ++k)
        taken[static_cast<std::size_t>(s) * parameters + k] +=
            scene.exact.pi[i] * scene.exact.q[i] * scores[i * parameters + k];
    }
  for (int i = 0; i < data.count(); ++i)
    for (int row = data.begin[static_cast<std::size_t>(i)]; row < data.begin[static_cast<std::size_t>(i) + 1]; ++row)
      for (std::size_t k = 0; k < parameters; ++k)
        right[static_cast<std::size_t>(i) * parameters + k] +=
            time[static_cast<std::size_t>(row)] *
            taken[static_cast<std::size_t>(data.state[static_cast<std::size_t>(row)]) * parameters + k];
  const Quality corrected = measure(right, scene.gradient, kConfidence);

  ExperimentResult out;
  out.question = "A baseline may look at the state. What happens if it looks at the action too?";
  out.equations = {"Σ_a π(a|s) b(s) ∇ ln π(a|s) = b(s) ∇ Σ_a π(a|s) = 0",
                   "Σ_a π(a|s) b(s,a) ∇ ln π(a|s) = Σ_a b(s,a) ∇π(a|s) ≠ 0: here the proof breaks",
                   "b = c·Q: E[ĝ] = (1 − c) ∇J;  put right: ĝ + Σ_t γᵗ Σ_a b(s_t,a) ∇π(a|s_t)"};
  out.claims.push_back(claim_contains("Half of Q(s,a) as the baseline takes half of the gradient", "E[ĝ]·∇J/‖∇J‖²",
                                      half.length, 1 - kShare, kConfidence));
  out.claims.push_back(claim_contains("All of Q(s,a) takes all of it", "E[ĝ]·∇J/‖∇J‖²", whole.length, 0, kConfidence));
  out.claims.push_back(claim_equal("V(s), which looks at the state only, takes nothing", "Hotelling's T² against ∇J",
                                   states.unbiased_p, kConfidence));
  out.claims.push_back(claim_equal("With what it took given back, a baseline of actions is unbiased",
                                   "Hotelling's T² against ∇J", corrected.unbiased_p, kConfidence));

  EstimatePlot length{"How much of ∇J is left", "99.9 % intervals", "E[ĝ]·∇J / ‖∇J‖²", {}, {{1, "∇J"}}};
  EstimatePlot spread{"Variance of one episode's gradient", "99.9 % intervals", "tr Σ", {}, {}};
  NumberTable table{"Baselines", {"baseline", "E[ĝ]·∇J/‖∇J‖²", "p (no bias)", "tr Σ"}, {}};
  const auto add = [&](const std::string& label, const Quality& q) {
    length.rows.push_back({label, q.length.value, q.length.low, q.length.high});
    spread.rows.push_back({label, q.variance.value, q.variance.low, q.variance.high});
    table.rows.push_back({label, digits(q.length.value, q.length.low, q.length.high), digits(q.unbiased_p),
                          digits(q.variance.value, q.variance.low, q.variance.high)});
  };
  add("V(s)", states), add("½ Q(s,a)", half), add("Q(s,a)", whole), add("Q(s,a), put right", corrected);
  NumberTable parts{
      "Variance of one timestep's term, taken apart", {"Ψ", "over trajectories", "over actions", "over states"}, {}};
  for (const BaselineKind kind : {BaselineKind::none, BaselineKind::value}) {
    const PsiSettings form{.estimator = "return_to_go", .baseline = kind};
    const VarianceParts exact = exact_variance_parts(form, scene.mdp, scene.policy, &critic);
    const VarianceParts found = sampled_variance_parts(form, scene.mdp, scene.policy, data, &critic);
    const std::string label = form.label(scene.mdp.gamma);
    parts.rows.push_back(
        {label + ", exactly", digits(exact.trajectories), digits(exact.actions), digits(exact.states)});
    parts.rows.push_back(
        {label + ", from rows", digits(found.trajectories), digits(found.actions), digits(found.states)});
  }
  out.estimates = {length, spread};
  out.tables = {table, parts};
  out.settings = {{"MDP", scene.words()},
                  {"policy", "table of logits from N(0, 0.3²)"},
                  {"episodes", std::to_string(episodes)},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "A baseline of actions can be put right by adding what it takes, state by state, and saves no more than the "
      "actions' part of the variance. The last table says how much that is here: after V(s), what follows an action "
      "makes nearly all of the noise.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment action_baseline_experiment() {
  return {"action-baseline", "Actions in the baseline: where the proof breaks",
          "the baseline of actions is replaced by V(s)", &run};
}

}  // namespace pigrad::lab
