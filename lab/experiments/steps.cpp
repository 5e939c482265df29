#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "../../core/random.hpp"
#include "../../nn/optimiser.hpp"
#include "../claims.hpp"
#include "list.hpp"
#include "scene.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;

/// Rows of a batch with their weights Ψ, and orders to walk them in.
struct Batch {
  std::vector<std::size_t> pair;  ///< s·A + a
  std::vector<double> psi;
};

// Softmax scores of a table of logits, e_a − π(·|s) in its state's row: cheap enough for one step a row.
void add_score(const std::vector<double>& theta, std::size_t pair, std::size_t actions, double weight,
               std::vector<double>& to) {
  const std::size_t first = pair / actions * actions;
  double sum = 0;
  std::vector<double> shares(actions);
  for (std::size_t a = 0; a < actions; ++a) sum += shares[a] = std::exp(theta[first + a]);
  for (std::size_t a = 0; a < actions; ++a) to[first + a] += weight * ((first + a == pair) - shares[a] / sum);
}

/// Goes over the batch once in `parts` steps whose rates add up to `rate`, each along its rows' share of the whole
/// batch's mean: minibatches of unequal size would differ from it at O(α) if each took its own mean.
std::vector<double> walk(const Scene& scene, const Batch& batch, int parts, const std::string& optimiser, double rate) {
  ParameterLayout layout;
  layout.add("theta", scene.mdp.features, scene.mdp.actions);
  Parameters<double> parameters(layout);
  std::copy(scene.policy.parameters().begin(), scene.policy.parameters().end(), parameters.data());
  OptimiserSettings how = OptimiserSettings::of(optimiser);
  how.learning_rate = rate / parts;
  how.maximise = true;
  const auto step = make_optimiser<double>(how, {0, parameters.size()});
  const std::size_t rows = batch.psi.size(), actions = static_cast<std::size_t>(scene.mdp.actions);
  for (int part = 0; part < parts; ++part) {
    const std::size_t begin = rows * static_cast<std::size_t>(part) / static_cast<std::size_t>(parts);
    const std::size_t end = rows * static_cast<std::size_t>(part + 1) / static_cast<std::size_t>(parts);
    const std::vector<double> theta(parameters.data(), parameters.data() + parameters.size());
    std::vector<double> gradient(theta.size());
    const double share = static_cast<double>(parts) / static_cast<double>(rows);
    for (std::size_t row = begin; row < end; ++row)
      add_score(theta, batch.pair[row], actions, batch.psi[row] * share, gradient);
    step->step(parameters, gradient.data());
  }
  return {parameters.data(), parameters.data() + parameters.size()};
}

// Slope of ln distance against ln rate between the smallest rates.
double slope(const Curve& curve) { return std::log(curve.y[1] / curve.y[0]) / std::log(curve.x[1] / curve.x[0]); }

ExperimentResult run(const ExperimentSettings& settings) {
  const Scene scene = Scene::linear(grid_world_mdp(0.95), settings.seed, 0.3);
  const CriticTable critic = exact_critic(scene.exact);
  const PsiSettings form{.estimator = "gae", .lambda = 0.95, .discount_time = false};
  const int batches = settings.samples(20, 5);
  struct Kind {
    std::string label, optimiser;
    int parts;  ///< 0: one a row
  };
  const std::vector<Kind> kinds = {{"plain, a step a row", "sgd", 0},
                                   {"plain, ten minibatches", "sgd", 10},
                                   {"Adam, a step a row", "adam", 0},
                                   {"Adam, ten minibatches", "adam", 10}};
  const std::vector<double> rates = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};
  std::vector<Curve> distances;
  for (const Kind& kind : kinds)
    distances.push_back({kind.label, rates, std::vector<double>(rates.size()), {}, {}, kind.optimiser == "adam"});
  std::vector<std::vector<double>> slopes(kinds.size());
  for (int b = 0; b < batches; ++b) {
    settings.say(0.7 * b / batches, "batch " + std::to_string(b + 1));
    const Trajectories data = sample(scene.mdp, scene.exact.pi, 10, {.seed = settings.seed, .first = 10 * b});
    const std::vector<double> values = psi(form, scene.mdp, data, &critic);
    Batch batch;
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const Random random(settings.seed, Purpose::shuffle);
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[static_cast<std::size_t>(random.uniform<double>(static_cast<std::uint32_t>(b), i) *
                                                             static_cast<double>(i))]);
    for (const std::size_t row : order) {
      batch.pair.push_back(scene.mdp.at(data.state[row], data.action[row]));
      batch.psi.push_back(values[row]);
    }
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      const std::string optimiser = settings.control ? "adam" : kinds[k].optimiser;
      Curve one{"", rates, {}, {}, {}, false};
      for (std::size_t i = 0; i < rates.size(); ++i) {
        const auto many =
            walk(scene, batch, kinds[k].parts ? kinds[k].parts : static_cast<int>(values.size()), optimiser, rates[i]);
        const auto whole = walk(scene, batch, 1, optimiser, rates[i]);
        one.y.push_back(distance(many, whole) / distance(whole, scene.policy.parameters()));
        distances[k].y[i] += one.y.back() / batches;
      }
      slopes[k].push_back(slope(one));
    }
  }

  ExperimentResult out;
  out.question =
      "One of the five systems steps after every timestep, another in ten minibatches. Where do many small steps end "
      "up, "
      "against one step of the whole batch? And what does PPO's ratio repair?";
  out.equations = {"plain ascent: θ' = θ + Σ_i (α/n) g_i(θ + O(α)) = θ + α ḡ(θ) + O(α²)",
                   "Adam divides each step by its own size: θ' − θ is O(α) either way, and so is the difference",
                   "old data, moved policy: E_old[ρ Â ∇ ln π'] = ∇ E_old[ρ Â], ρ = π'/π_old; without ρ it is neither "
                   "policy's gradient"};
  NumberTable table{"Order of the difference, relative to the whole step", {"kind", "order in α"}, {}};
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const Interval order = mean_interval(slopes[k], kConfidence);
    table.rows.push_back({kinds[k].label, digits(order.value, order.low, order.high)});
    const bool plain = kinds[k].optimiser == "sgd";
    Claim claim =
        plain ? claim_contains("", "", order, order.value, kConfidence) : claim_below("", "", order, 0.5, kConfidence);
    if (plain) {
      claim.holds = order.low > 0.95 && order.high < 1.05;
      claim.method = "normal interval over batches, which must lie within 0.95 to 1.05";
    }
    claim.text = plain ? kinds[k].label + ": the relative difference falls as α, the difference as α²"
                       : kinds[k].label + ": the relative difference does not fall with α";
    claim.statistic = "slope of ln relative difference against ln α, from 0.001 to 0.003";
    out.claims.push_back(claim);
  }

  settings.say(0.75, "the ratio");
  const int episodes = settings.samples(60000, 4000);
  const Trajectories data =
      sample(scene.mdp, scene.exact.pi, episodes, {.seed = settings.seed + 1, .threads = settings.threads});
  FinitePolicy moved = scene.policy;
  std::vector<double> theta = scene.gradient;
  for (std::size_t i = 0; i < theta.size(); ++i) theta[i] = moved.parameters()[i] + 5 * theta[i];
  moved.set_parameters(theta);
  const std::vector<double> after = moved.probabilities(), scores = moved.scores();
  std::vector<double> plain = psi(form, scene.mdp, data, &critic), with_ratio = plain;
  for (std::size_t row = 0; row < plain.size(); ++row) {
    const std::size_t i = scene.mdp.at(data.state[row], data.action[row]);
    with_ratio[row] *= after[i] / scene.exact.pi[i];
  }
  std::vector<double> bar(after.size());
  for (std::size_t i = 0; i < bar.size(); ++i)
    bar[i] = scene.exact.visits[i / static_cast<std::size_t>(scene.mdp.actions)] * scene.exact.advantage[i];
  const std::vector<double> surrogate = moved.pull_back(bar);
  const Quality repaired =
      measure(gradients(moved, scores, data, with_ratio, 1, false, settings.threads), surrogate, kConfidence);
  const Quality stale =
      measure(gradients(moved, scores, data, plain, 1, false, settings.threads), surrogate, kConfidence);
  out.claims.push_back(claim_equal("With the ratio, old data give the surrogate's gradient at the moved policy",
                                   "Hotelling's T² against the exact ∇ E_old[ρA]", repaired.unbiased_p, kConfidence));
  out.claims.push_back(claim_different("Without it they do not", "Hotelling's T² against the exact ∇ E_old[ρA]",
                                       stale.unbiased_p, kConfidence));
  NumberTable ratio{"The moved policy's gradient from old data",
                    {"weights", "‖bias‖/‖truth‖", "length along the truth", "cosine", "tr Σ"},
                    {}};
  const auto add = [&](const std::string& label, const Quality& q) {
    const double scale = norm(surrogate);
    ratio.rows.push_back({label, digits(q.bias.value / scale, q.bias.low / scale, q.bias.high / scale),
                          digits(q.length.value, q.length.low, q.length.high), digits(q.cosine.value),
                          digits(q.variance.value, q.variance.low, q.variance.high)});
  };
  add("ρ Â", repaired), add("Â", stale);
  Plot plot{"Many small steps against one",
            "‖θ_many − θ_one‖/‖θ_one − θ‖, mean over batches",
            "rate α",
            "relative difference",
            distances,
            true,
            true};
  out.plots = {plot};
  out.tables = {table, ratio};
  out.settings = {{"MDP", scene.words()},
                  {"policy", "table of logits from N(0, 0.3²)"},
                  {"batches", std::to_string(batches) + " of 10 episodes, rows shuffled; GAE(0.95), exact critic"},
                  {"ratio", std::to_string(episodes) + " episodes; the policy moved by 5 ∇J"},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "For plain ascent small steps differ from the one by what the gradient changed on the way, and a smaller rate "
      "makes "
      "them equal. For Adam they do not become equal: its first steps have the rate's own length whatever the "
      "gradient, "
      "so that ten of them walk further than one. The ratio repairs what moving does to the weights of actions; what "
      "it "
      "does to the visits of states stays.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment steps_experiment() {
  return {"steps", "Many small steps against one batch step, plain and Adam, and PPO's ratio",
          "plain ascent is replaced by Adam", &run};
}

}  // namespace pigrad::lab
