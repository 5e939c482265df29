#include <cmath>

#include "../claims.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;
constexpr int kEpisodes = 40;

struct Shares {
  Interval own;   ///< of sampled steps with Ψ ≠ 0 whose own term raises their own log-probability, over iterations
  Curve by_own;   ///< each iteration's
  Curve by_step;  ///< share of the steps whose log-probability the whole step raised
  double gained;  ///< J
};

Shares follow(const Scene& scene, const std::string& label, bool advantage, int steps, double rate,
              const SampleOptions& options) {
  FinitePolicy policy = scene.policy;
  Shares out{{}, {label + ", own term", {}, {}, {}, {}, false}, {label + ", whole step", {}, {}, {}, {}, true}, 0};
  std::vector<double> own;
  const double start = scene.exact.objective;
  for (int k = 0; k < steps; ++k) {
    const Exact exact = solve(scene.mdp, policy);
    const CriticTable critic = exact_critic(exact);
    SampleOptions now = options;
    now.first = k * kEpisodes;
    const Trajectories data = sample(scene.mdp, exact.pi, kEpisodes, now);
    PsiSettings form{.estimator = "return_to_go", .discount_time = false};
    if (advantage) form.baseline = BaselineKind::value;
    const std::vector<double> psi_values = psi(form, scene.mdp, data, &critic);
    std::vector<double> step = gradients(policy, policy.scores(), data, psi_values, kEpisodes);
    for (std::size_t i = 0; i < step.size(); ++i) step[i] = policy.parameters()[i] + rate * step[i];
    policy.set_parameters(step);
    const std::vector<double> after = policy.probabilities();
    double up = 0, counted = 0, raised = 0;
    for (std::size_t row = 0; row < psi_values.size(); ++row) {
      const std::size_t i = scene.mdp.at(data.state[row], data.action[row]);
      raised += after[i] > exact.pi[i];
      if (psi_values[row] == 0) continue;
      up += psi_values[row] > 0, ++counted;
    }
    own.push_back(up / counted);
    out.by_own.x.push_back(k), out.by_own.y.push_back(own.back());
    out.by_step.x.push_back(k), out.by_step.y.push_back(raised / static_cast<double>(psi_values.size()));
  }
  out.own = mean_interval(own, kConfidence);
  out.gained = solve(scene.mdp, policy).objective - start;
  return out;
}

ExperimentResult run(const ExperimentSettings& settings) {
  FiniteMdp mdp = grid_world_mdp(0.95);
  if (settings.control)  // a fine for each step: no return is positive
    for (double& r : mdp.reward) r -= 1;
  const Scene scene = Scene::linear(std::move(mdp), settings.seed, 0.5);
  const int steps = settings.samples(150, 30);
  const SampleOptions options{.seed = settings.seed, .threads = settings.threads};
  settings.say(0.1, "returns");
  const Shares returns = follow(scene, "returns", false, steps, 0.1, options);
  settings.say(0.5, "advantages");
  const Shares advantages = follow(scene, "advantages", true, steps, 0.1, options);

  ExperimentResult out;
  out.question =
      "When every return is positive, every sampled action's log-probability is pushed up, good or bad; the good ones "
      "win only because they are pushed harder. With advantages, which way are actions pushed, over training?";
  out.equations = {"the own term Ψ ∇ ln π(a|s) changes ln π(a|s) by α Ψ ‖∇ ln π(a|s)‖²: its sign is Ψ's",
                   "r ≥ 0 ⇒ G ≥ 0: all up. E_π[A] = 0: some up, some down"};
  out.claims.push_back(claim_exact("With positive returns every own term pushes its action up",
                                   "1 − share of sampled steps with Ψ > 0 among Ψ ≠ 0", 1 - returns.own.value, 1e-12));
  out.claims.push_back(claim_below("With advantages some are pushed down", "share of steps pushed up", advantages.own,
                                   0.9, kConfidence, "normal interval over training"));
  out.claims.push_back(claim_above("…and some up", "share of steps pushed up", advantages.own, 0.1, kConfidence,
                                   "normal interval over training"));
  Plot shares{"Share of sampled steps whose action is pushed up",
              "by the step's own term, and by the whole update",
              "updates",
              "share",
              {returns.by_own, returns.by_step, advantages.by_own, advantages.by_step},
              false,
              false};
  out.plots = {shares};
  NumberTable table{"Over training", {"Ψ", "share up by the own term", "J gained"}, {}};
  table.rows.push_back(
      {"return-to-go", digits(returns.own.value, returns.own.low, returns.own.high), digits(returns.gained)});
  table.rows.push_back({"return-to-go − V", digits(advantages.own.value, advantages.own.low, advantages.own.high),
                        digits(advantages.gained)});
  out.tables = {table};
  out.settings = {{"MDP", scene.words()},
                  {"policy", "table of logits from N(0, 0.3²), trained"},
                  {"updates", std::to_string(steps) + " of " + std::to_string(kEpisodes) + " episodes, rate 0.1"},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "Terms compete within a state: the probabilities sum to 1, so that an action that is pushed up less than the "
      "others "
      "falls. That is why the whole update lowers many sampled actions even where every own term raises its own.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment signs_experiment() {
  return {"signs", "Positive returns push every sampled action up, advantages both ways",
          "every step costs 1, so that returns are negative", &run};
}

}  // namespace pigrad::lab
