#include <cmath>

#include "../claims.hpp"
#include "../policy_chain.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;

// Σ_{t<limit} γᵗ Σ_s P(s_t = s) Σ_a Q(s,a) ∇π(a|s): what `limit` steps of an endless episode can give of ∇J.
std::vector<double> seen_gradient(const Scene& scene, int limit) {
  const auto n = static_cast<std::size_t>(scene.mdp.states);
  const std::vector<double> chain = policy_chain(scene.mdp, scene.exact.pi);
  std::vector<double> at = scene.mdp.start, sum(n);
  double weight = 1;
  for (int t = 0; t < limit; ++t, weight *= scene.mdp.gamma) {
    std::vector<double> next(n);
    for (std::size_t s = 0; s < n; ++s) {
      sum[s] += weight * at[s];
      for (std::size_t then = 0; then < n; ++then) next[then] += at[s] * chain[s * n + then];
    }
    at = std::move(next);
  }
  std::vector<double> bar = scene.exact.q;
  for (std::size_t i = 0; i < bar.size(); ++i) bar[i] *= sum[i / static_cast<std::size_t>(scene.mdp.actions)];
  return scene.policy.pull_back(bar);
}

ExperimentResult run(const ExperimentSettings& settings) {
  FiniteMdp mdp = random_mdp(5, {.states = 7, .actions = 3, .branches = 3, .end = 0, .gamma = 0.9});
  const Scene scene = Scene::linear(std::move(mdp), settings.seed, 0.5);
  const int episodes = settings.samples(40000, 8000);
  const CriticTable critic = exact_critic(scene.exact);
  const std::vector<double> scores = scene.policy.scores();
  const PsiSettings form{.estimator = "return_to_go"};

  ExperimentResult out;
  out.question =
      "A time limit cuts an episode that would go on. What bias does it add to treat the cut as an end, and how does "
      "it "
      "fall with the limit?";
  out.equations = {"bootstrapped: G_t = Σ_{k<L} γᵏ⁻ᵗ r_k + γ^{L−t} V(s_L): E[G_t|s,a] = Q(s,a)",
                   "treated as an end: V(s_L) → 0: E[ĝ] = ∇J_L of the problem of L steps",
                   "truth here: the first L steps' part of ∇J, Σ_{t<L} γᵗ Σ_s P(s_t = s) Σ_a Q ∇π"};
  Plot bias{"Bias against the time limit",
            "‖E[ĝ] − truth‖/‖truth‖: measured with conservative 99.9 % bands, and exactly",
            "limit L, steps",
            "relative bias",
            {},
            true,
            true};
  Curve right{"bootstrapped", {}, {}, {}, {}, false}, wrong{"treated as an end", {}, {}, {}, {}, false},
      law{"treated as an end, exactly", {}, {}, {}, {}, true};
  NumberTable table{
      "Time limits", {"L", "bootstrapped: bias", "p (no bias)", "as an end: bias", "exactly", "p (no bias)"}, {}};
  const std::vector<int> limits = {2, 5, 10, 20, 40};
  double least = 1, at_first = 1, predicted = 1;
  for (const int limit : limits) {
    settings.say(std::log2(limit) / 6, "limit " + std::to_string(limit));
    const std::vector<double> truth = seen_gradient(scene, limit);
    const Trajectories data = sample(scene.mdp, scene.exact.pi, episodes,
                                     {.seed = settings.seed, .limit = limit, .threads = settings.threads});
    const auto g = [&](const CriticTable* v) {
      return gradients(scene.policy, scores, data, psi(form, scene.mdp, data, v), 1, false, settings.threads);
    };
    const auto with = g(settings.control ? nullptr : &critic), without = g(nullptr);
    const Quality a = measure(with, truth, kConfidence), b = measure(without, truth, kConfidence);
    const FiniteMdp cut = with_horizon(scene.mdp, limit);
    FinitePolicy policy = FinitePolicy::linear(cut);
    policy.set_parameters(scene.policy.parameters());
    const std::vector<double> ended = exact_gradient(cut, policy);
    predicted = std::min(predicted, measure(without, ended, kConfidence).unbiased_p);
    least = std::min(least, a.unbiased_p);
    if (limit == 5) at_first = b.unbiased_p;
    const double scale = norm(truth);
    right.x.push_back(limit), right.y.push_back(a.bias.value / scale);
    right.low.push_back(a.bias.low / scale), right.high.push_back(a.bias.high / scale);
    wrong.x.push_back(limit), wrong.y.push_back(b.bias.value / scale);
    wrong.low.push_back(b.bias.low / scale), wrong.high.push_back(b.bias.high / scale);
    law.x.push_back(limit), law.y.push_back(distance(ended, truth) / scale);
    table.rows.push_back({std::to_string(limit), digits(a.bias.value / scale, a.bias.low / scale, a.bias.high / scale),
                          digits(a.unbiased_p), digits(b.bias.value / scale, b.bias.low / scale, b.bias.high / scale),
                          digits(law.y.back()), digits(b.unbiased_p)});
  }
  const auto count = static_cast<double>(limits.size());
  out.claims.push_back(claim_equal("With V(s_L) bootstrapped the cut does not bias, at any limit",
                                   "Hotelling's T² against the truth, the least of 5", least,
                                   1 - (1 - kConfidence) / count));
  out.claims.push_back(claim_different("A cut at 5 steps that is treated as an end biases",
                                       "Hotelling's T² against the truth", at_first, kConfidence));
  out.claims.push_back(claim_equal("…towards the gradient of the problem of L steps",
                                   "Hotelling's T² against ∇J_L, the least of 5", predicted,
                                   1 - (1 - kConfidence) / count));
  const double rate = std::pow(law.y.back() / law.y[2], 1.0 / (law.x.back() - law.x[2]));
  out.claims.push_back(claim_exact("The bias falls as γᴸ: from 10 to 40 steps by the factor γ a step, within 5 %",
                                   "exact bias's factor a step/γ − 1", rate / scene.mdp.gamma - 1, 0.05));
  bias.curves = {right, wrong, law};
  out.plots = {bias};
  out.tables = {table};
  out.settings = {{"MDP", scene.words()},
                  {"policy", "table of logits from N(0, 0.5²)"},
                  {"Ψ", "return-to-go, γᵗ; V(s_L) of the exact critic"},
                  {"episodes a limit", std::to_string(episodes)},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "The measured bias of the bootstrapped form is its noise. The other one's stays until the limit is several times "
      "1/(1 − γ) steps: what the policy learns is to hurry to whatever pays before the clock, which it cannot see.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment truncation_experiment() {
  return {"truncation", "Truncation treated as termination, against the time limit",
          "the bootstrapped form does not bootstrap", &run};
}

}  // namespace pigrad::lab
