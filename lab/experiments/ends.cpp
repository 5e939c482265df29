#include <algorithm>
#include <cmath>

#include "../claims.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;
constexpr int kBatch = 10;  // neighbouring episodes leak into each other, so that they are averaged before intervals

// Action 0 ends an episode three times as often as the others: only then does what lies beyond an end depend on
// actions.
FiniteMdp uneven_ends(FiniteMdp mdp) {
  const int end = mdp.states - 1;
  for (int s = 0; s < end; ++s)
    for (int a = 0; a < mdp.actions; ++a) {
      const double before = mdp.transition[mdp.at(s, a, end)], now = a == 0 ? 0.45 : 0.15;
      for (int next = 0; next < end; ++next) mdp.transition[mdp.at(s, a, next)] *= (1 - now) / (1 - before);
      mdp.transition[mdp.at(s, a, end)] = now;
    }
  mdp.name += ", uneven ends";
  return mdp;
}

// The MDP in which an end is followed by a start: what a sum across ends estimates returns of.
FiniteMdp without_ends(FiniteMdp mdp) {
  for (int s = 0; s < mdp.states; ++s)
    for (int a = 0; a < mdp.actions; ++a) {
      if (mdp.terminal[static_cast<std::size_t>(s)]) continue;
      double ends = 0, paid = 0;
      for (int next = 0; next < mdp.states; ++next) {
        if (!mdp.terminal[static_cast<std::size_t>(next)]) continue;
        double& p = mdp.transition[mdp.at(s, a, next)];
        ends += p, paid += p * mdp.reward[mdp.at(s, a, next)], p = 0;
      }
      for (int next = 0; next < mdp.states; ++next) {
        const double p = ends * mdp.start[static_cast<std::size_t>(next)];
        double &share = mdp.transition[mdp.at(s, a, next)], &reward = mdp.reward[mdp.at(s, a, next)];
        if (p > 0) reward = (share * reward + p * paid / ends) / (share + p);
        share += p;
      }
    }
  return mdp;
}

// Σ d_γ(s) Σ_a ∇π(a|s) table(s,a): the mean gradient of a Ψ with E[Ψ|s,a] = table.
std::vector<double> mean_gradient(const Scene& scene, std::vector<double> table) {
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] *= scene.exact.discounted_visits[i / static_cast<std::size_t>(scene.mdp.actions)];
  return scene.policy.pull_back(table);
}

struct Form {
  std::string label;
  std::vector<double> weights;
  std::vector<double> expected;  ///< the predicted mean gradient; empty where none is
  Quality quality;
  double predicted_p = 1;
};

ExperimentResult run(const ExperimentSettings& settings) {
  FiniteMdp mdp = uneven_ends(random_mdp(2, {.states = 7, .actions = 3, .branches = 3, .end = 0.2, .gamma = 0.9}));
  for (double& r : mdp.reward) r += 1;
  const Scene scene = Scene::linear(std::move(mdp), settings.seed, 0.5);
  const int episodes = settings.samples(60000, 10000);
  const Trajectories data =
      sample(scene.mdp, scene.exact.pi, episodes, {.seed = settings.seed, .threads = settings.threads});
  const CriticTable critic = exact_critic(scene.exact);
  const double gamma = scene.mdp.gamma;
  std::vector<double> time(static_cast<std::size_t>(data.rows()));
  discount_weight<double>(data.path(), gamma, nullptr, time.data());
  const auto weighed = [&](std::vector<double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= time[i];
    return values;
  };
  const std::vector<std::uint8_t> nowhere(time.size(), 0);
  Path<double> across = data.path();
  across.terminated = nowhere.data();
  std::vector<double> beyond(time.size()), value(time.size()), next_value(time.size()), gae_across(time.size());
  return_to_go<double>(across, gamma, nullptr, beyond.data());
  const double end_value = scene.exact.objective;  // what a critic that knows the starts says of a state that it sees
  std::vector<double> late = psi({.estimator = "td_error"}, scene.mdp, data, &critic);
  for (std::size_t row = 0; row < time.size(); ++row) {
    value[row] = scene.exact.v[static_cast<std::size_t>(data.state[row])];
    if (!data.terminated[row]) next_value[row] = scene.exact.v[static_cast<std::size_t>(data.next[row])];
    if (data.terminated[row]) late[row] += time[row] * gamma * end_value;
  }
  gae<double>(data.path(), gamma, 0.9, value.data(), next_value.data(), gae_across.data(), true);

  const std::vector<double> scores = scene.policy.scores();
  std::vector<double> late_table = scene.exact.q;
  for (int s = 0; s < scene.mdp.states; ++s)
    for (int a = 0; a < scene.mdp.actions; ++a)
      if (!scene.mdp.terminal[static_cast<std::size_t>(s)])
        late_table[scene.mdp.at(s, a)] +=
            gamma * end_value * scene.mdp.transition[scene.mdp.at(s, a, scene.mdp.states - 1)];
  const Exact endless = solve(without_ends(scene.mdp), scene.exact.pi);
  std::vector<Form> forms = {
      {"return-to-go", psi({.estimator = "return_to_go"}, scene.mdp, data, nullptr), scene.gradient, {}, 1},
      {"return-to-go, across ends", weighed(beyond), mean_gradient(scene, endless.q), {}, 1},
      {"GAE(0.9), exact V", psi({.estimator = "gae", .lambda = 0.9}, scene.mdp, data, &critic), scene.gradient, {}, 1},
      {"GAE(0.9), exact V, across ends", weighed(gae_across), scene.gradient, {}, 1},
      {"δ, exact V", psi({.estimator = "td_error"}, scene.mdp, data, &critic), scene.gradient, {}, 1},
      {"δ, exact V, V(end) bootstrapped", late, mean_gradient(scene, late_table), {}, 1},
  };
  for (std::size_t i = 0; i < forms.size(); ++i) {
    settings.say(static_cast<double>(i) / static_cast<double>(forms.size()), forms[i].label);
    const bool broken = settings.control && i % 2 == 0;  // the right forms are replaced by the wrong ones
    const auto g =
        gradients(scene.policy, scores, data, forms[broken ? i + 1 : i].weights, kBatch, false, settings.threads);
    forms[i].quality = measure(g, scene.gradient, kConfidence);
    forms[i].predicted_p = measure(g, forms[i].expected, kConfidence).unbiased_p;
  }

  ExperimentResult out;
  out.question =
      "What bias does it add when a sum runs across the end of an episode into the next one, as in one of the five "
      "systems, or when the value of a true end's last observation is bootstrapped?";
  out.equations = {
      "cut: G_t = Σ_{k<T} γᵏ⁻ᵗ r_k;  across: G_t + γ^{T−t} G of the next episode, whose mean is Q of the MDP "
      "in which a start follows an end",
      "GAE across with the exact V adds (γλ)^{T−t} Â of the next start, whose mean is 0: noise, no bias",
      "a bootstrapped end: E[δ|s,a] = A(s,a) + γ P(end|s,a) V̂(end)"};
  const double least =
      std::min({forms[0].quality.unbiased_p, forms[2].quality.unbiased_p, forms[4].quality.unbiased_p});
  out.claims.push_back(claim_equal("Sums that stop at ends, and V(end) = 0, give ∇J",
                                   "Hotelling's T² against ∇J, the "
                                   "least of 3",
                                   least, 1 - (1 - kConfidence) / 3));
  out.claims.push_back(claim_different("Returns summed across ends are biased", "Hotelling's T² against ∇J",
                                       forms[1].quality.unbiased_p, kConfidence));
  out.claims.push_back(claim_equal("…by what Q of the MDP without ends says", "Hotelling's T² against the prediction",
                                   forms[1].predicted_p, kConfidence));
  out.claims.push_back(claim_equal("GAE across ends is not biased if V is exact", "Hotelling's T² against ∇J",
                                   forms[3].quality.unbiased_p, kConfidence));
  out.claims.push_back(claim_different("A bootstrapped true end biases δ", "Hotelling's T² against ∇J",
                                       forms[5].quality.unbiased_p, kConfidence));
  out.claims.push_back(
      claim_equal("…by γP(end|s,a)V̂(end)", "Hotelling's T² against the prediction", forms[5].predicted_p, kConfidence));
  EstimatePlot bias{
      "Relative bias", "‖E[ĝ] − ∇J‖/‖∇J‖, conservative 99.9 % intervals", "relative bias", {}, {{0, "none"}}};
  NumberTable table{
      "Ends", {"Ψ", "‖bias‖/‖∇J‖", "predicted", "p (no bias)", "tr Σ of a batch of 10", "cosine of the mean"}, {}};
  const double scale = norm(scene.gradient);
  for (const Form& form : forms) {
    const Quality& q = form.quality;
    bias.rows.push_back({form.label, q.bias.value / scale, q.bias.low / scale, q.bias.high / scale});
    table.rows.push_back({form.label, digits(q.bias.value / scale, q.bias.low / scale, q.bias.high / scale),
                          digits(distance(form.expected, scene.gradient) / scale), digits(q.unbiased_p),
                          digits(q.variance.value, q.variance.low, q.variance.high), digits(q.cosine.value)});
  }
  out.estimates = {bias};
  out.tables = {table};
  out.settings = {{"MDP", scene.words() + "; rewards N(1, 1); action 0 ends with 0.45, the others with 0.15"},
                  {"policy", "table of logits from N(0, 0.5²)"},
                  {"episodes", std::to_string(episodes)},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "Both faults pay for ending early: what comes after the end is credited to the action that brought it. Where "
      "every "
      "action ends an episode equally often, or the critic is exact and the sum is of δ's, the fault is invisible, "
      "which "
      "is why it survives in programs that learn.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment ends_experiment() {
  return {"ends", "The sum across episode ends, and a bootstrapped true end", "the right forms are the wrong ones",
          &run};
}

}  // namespace pigrad::lab
