#include <cmath>

#include "../../env/registry.hpp"
#include "../claims.hpp"
#include "../over_training.hpp"
#include "list.hpp"

namespace pigrad::lab {
namespace {

constexpr double kConfidence = 0.999;

TrainSettings ppo_settings(const ExperimentSettings& settings) {
  TrainSettings s;
  s.algorithm = "ppo";
  s.environment = "CartPole-v1";
  s.seed = static_cast<std::int64_t>(settings.seed);
  s.copies = 8;
  s.steps = 64;
  s.epochs = settings.samples(60, 14);
  s.minibatch = 128;
  s.ppo.passes = 6;
  s.policy.network.hidden = s.critic.network.hidden = {32, 32};
  s.policy.optimiser.learning_rate = settings.control ? 1e-12 : 2e-3;
  s.advantage.epsilon = 1e-8;
  return s;
}

ExperimentResult run(const ExperimentSettings& settings) {
  const TrainSettings s = ppo_settings(settings);
  settings.say(0.05, "training");
  const auto shares = clip_over_passes(s, Registry::builtin(), settings.threads);
  const auto passes = static_cast<std::size_t>(s.ppo.passes);
  std::vector<double> growth, cosines;
  std::vector<Curve> by_pass(3), over;
  const char* labels[] = {"share of Σ|ρÂ|", "share of rows", "1 − cosine to the unclipped gradient"};
  NumberTable table{"By pass, means over epochs", {"pass", "mass", "rows", "cosine", "norm kept"}, {}};
  for (std::size_t k = 0; k < 3; ++k) by_pass[k].label = labels[k];
  for (std::size_t pass = 0; pass < passes; ++pass) {
    double mass = 0, rows = 0, cosine = 0, norm = 0;
    for (const auto& epoch : shares) {
      const auto n = static_cast<double>(shares.size());
      mass += epoch[pass].mass / n, rows += epoch[pass].rows / n;
      cosine += epoch[pass].cosine / n, norm += epoch[pass].norm / n;
    }
    const auto x = static_cast<double>(pass + 1);
    for (Curve& curve : by_pass) curve.x.push_back(x);
    by_pass[0].y.push_back(mass), by_pass[1].y.push_back(rows), by_pass[2].y.push_back(1 - cosine);
    table.rows.push_back({std::to_string(pass + 1), digits(mass), digits(rows), digits(cosine), digits(norm)});
  }
  for (const std::size_t pass : {std::size_t{0}, passes - 1}) {
    Curve curve{"after pass " + std::to_string(pass + 1), {}, {}, {}, {}, pass == 0};
    for (std::size_t epoch = 0; epoch < shares.size(); ++epoch) {
      curve.x.push_back(static_cast<double>(epoch + 1));
      curve.y.push_back(shares[epoch][pass].mass);
    }
    over.push_back(std::move(curve));
  }
  for (const auto& epoch : shares) {
    growth.push_back(epoch.back().mass - epoch.front().mass);
    cosines.push_back(epoch.back().cosine);
  }

  ExperimentResult out;
  out.question =
      "PPO goes over the same rollout again and again, and its clip takes rows whose ratio has gone far enough out of "
      "the gradient. How much is thrown away, pass by pass, and does what is left still point the same way?";
  out.equations = {
      "L = mean min(ρÂ, clip(ρ, 1−ε, 1+ε)Â): a row gives no gradient where Â > 0, ρ > 1+ε or Â < 0, ρ < 1−ε",
      "mass = Σ_{such rows} |ρÂ| / Σ |ρÂ|"};
  const Interval more = mean_interval(growth, kConfidence), turned = mean_interval(cosines, kConfidence);
  out.claims.push_back(claim_above("The last pass throws away more of the gradient than the first",
                                   "mean over epochs of the mass after the last pass less that after the first", more,
                                   0.01, kConfidence));
  out.claims.push_back(
      settings.control
          ? claim_exact("Where nothing moves nothing is clipped", "1 − mean cosine", 1 - turned.value, 1e-9)
          : claim_below("After the last pass what is left has another direction",
                        "cosine of the clipped with the unclipped gradient", turned, 0.99, kConfidence));
  out.plots = {
      {"What the clip throws away, by pass", "means over epochs", "pass", "share", by_pass, false, false},
      {"Over training", "mass after the first and the last pass", "epoch", "share of Σ|ρÂ|", over, false, false}};
  out.tables = {table};
  out.settings = {{"run", "ppo on CartPole-v1, 8 copies × 64 steps, " + std::to_string(s.epochs) + " epochs, " +
                              std::to_string(s.ppo.passes) + " passes of minibatches of 128, ε 0.2"},
                  {"measured", "over the whole rollout, after each pass"},
                  {"seed", std::to_string(settings.seed)}};
  out.reading =
      "After the first pass next to nothing is clipped, after later ones some hundredths of the weight. That is enough "
      "to turn what is left. A likely reason, which is not measured here: late in an update the surrogate's gradient "
      "is "
      "the small difference between rows that push on and rows that pull back, and the clip takes the former alone. It "
      "is no wall: rows beyond it are not pulled back, they only stop pushing.";
  settings.say(1, "done");
  return out;
}

}  // namespace

Experiment clip_experiment() {
  return {"clip", "How much of PPO's gradient the clip throws away, pass by pass", "the policy's rate is all but 0",
          &run};
}

}  // namespace pigrad::lab
