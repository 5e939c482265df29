#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>

#include "../../core/error.hpp"
#include "../../core/memory.hpp"
#include "../../core/nearest.hpp"
#include "../../lab/policy_gradient.hpp"
#include "../../lab/subject.hpp"
#include "../../nn/safetensors.hpp"
#include "../commands/options.hpp"
#include "../environments.hpp"
#include "../files.hpp"
#include "../run_folder.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "instrument.hpp"
#include "transitions.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string policy, data, out, estimator;
  double gamma = -1, lambda = -1;
  int n = 0;
  bool per_sample = false, baseline = false, no_baseline = false, normalise = false, raw = false;
};

/// The run's settings with what was asked instead.
TrainSettings settings_of(const TrainSettings& run, const Asked& asked) {
  TrainSettings s = run;
  if (!asked.estimator.empty() && asked.estimator != "weight") {
    const auto names = estimator_names();
    if (std::find(names.begin(), names.end(), asked.estimator) == names.end())
      throw Error(
          "--estimator", "there is no \"" + asked.estimator + "\"",
          did_you_mean(asked.estimator, names) + "see `pigrad list settings`, advantage.estimator, or give weight");
    s.advantage.estimator = asked.estimator;
  }
  if (asked.gamma >= 0) s.gamma = asked.gamma;
  if (asked.lambda >= 0) s.lambda = asked.lambda;
  if (asked.n > 0) s.advantage.n = asked.n;
  if (asked.baseline) s.advantage.baseline = true;
  if (asked.no_baseline) s.advantage.baseline = false;
  if (asked.normalise) s.advantage.normalise = true;
  if (asked.raw) s.advantage.normalise = false;
  return s;
}

void check_room(int rows, int numbers) {
  const double bytes = 8.0 * rows * numbers, available = machine_memory();
  if (available > 0 && 2 * bytes > available)
    throw Error("--per-sample",
                std::to_string(rows) + " gradients of " + std::to_string(numbers) + " numbers take " +
                    six_digits(bytes / 1e9) + " GB, twice over",
                "give fewer transitions at a time");
}

void write_gradients(const std::string& path, const PolicyGradient& g, const OnPolicy<double>& policy,
                     const TrainSettings& s, const Asked& asked) {
  const int rows = static_cast<int>(g.psi.size());
  const auto count = static_cast<std::int64_t>(rows);
  const int size = policy.layout().size();
  std::vector<std::vector<double>> own;
  std::vector<TensorView> tensors;
  for (const Segment& segment : policy.layout().segments()) {
    if (segment.offset >= policy.agent().policy_range().end) continue;
    tensors.push_back(tensor_view(segment.name, {segment.rows, segment.columns}, g.mean.data() + segment.offset));
    if (!asked.per_sample) continue;
    own.emplace_back();
    for (int t = 0; t < rows; ++t) {
      const auto from = g.rows.begin() + static_cast<std::ptrdiff_t>(t) * size + segment.offset;
      own.back().insert(own.back().end(), from, from + segment.size());
    }
    tensors.push_back(
        tensor_view("per_sample." + segment.name, {count, segment.rows, segment.columns}, own.back().data()));
  }
  tensors.push_back(tensor_view("psi", {count}, g.psi.data()));
  tensors.push_back(tensor_view("log_prob", {count}, g.log_prob.data()));
  tensors.push_back(tensor_view("norm", {count}, g.norms.data()));
  if (!g.value.empty()) tensors.push_back(tensor_view("value", {count}, g.value.data()));
  const bool own_weight = asked.estimator == "weight";
  save_safetensors(path, tensors,
                   {{"what", "mean of psi * grad ln pi, the direction of ascent, over rows"},
                    {"estimator", own_weight ? "weight" : s.advantage.estimator},
                    {"gamma", shortest(s.gamma)},
                    {"lambda", shortest(s.lambda)},
                    {"baseline", s.advantage.baseline ? "true" : "false"},
                    {"normalise", s.advantage.normalise && !own_weight ? "true" : "false"},
                    {"environment", s.environment}});
}

int run(const Asked& asked) {
  const Registry environments = all_environments();
  const Loaded loaded = load_checkpoint(asked.policy, environments);
  const std::string out = asked.out.empty() ? "gradients.safetensors" : asked.out;
  prove_file(out);
  const auto policy = opened(loaded.settings, loaded.state, environments);
  const TrainSettings settings = settings_of(loaded.settings, asked);
  const bool own_weight = asked.estimator == "weight";
  find_estimator<double>(settings.advantage, policy->agent().has_critic());
  Transitions data = read_transitions(asked.data, *policy, reward_factor(loaded.settings.reward, loaded.state));
  if (own_weight && data.weight.empty())
    throw Error(asked.data, "it has no column \"weight\"", "add one, or choose another --estimator");
  if (asked.per_sample) check_room(data.rollout.rows(), policy->layout().size());
  find_log_probs(*policy, data.rollout);
  const PolicyGradient g = policy_gradient(*policy, loaded.state, settings, data.rollout,
                                           own_weight ? &data.weight : nullptr, asked.per_sample);
  write_gradients(out, g, *policy, settings, asked);
  Table table({{"layer"}, {"‖gradient‖", true}, {"mean ‖per sample‖", true}, {"mean cosine", true}});
  for (const PolicyGradient::OfLayer& layer : g.layers)
    table.row({layer.name, six_digits(layer.norm), six_digits(layer.mean_norm), six_digits(layer.mean_cosine)});
  std::cout << asked.data << ": " << data.rollout.rows() << " transitions, "
            << (own_weight ? "the column weight" : settings.advantage.estimator) << " for Ψ\n"
            << table.text() << out << ": "
            << (asked.per_sample ? "each sample's gradient and their mean" : "the mean gradient") << ", in double\n";
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  add_checkpoint(parser, asked->policy, "policy");
  parser.add_option("--data", asked->data, "Transitions as CSV, a step a line: docs/instruments.md has the columns")
      ->required()
      ->type_name("FILE")
      ->check(filled());
  parser.add_option("--estimator", asked->estimator,
                    "Ψ: a name of advantage.estimator, the run's if left out; weight: the table's own column");
  parser.add_option("--gamma", asked->gamma, "Discount; the run's if left out")->check(CLI::Range(0.0, 1.0));
  parser.add_option("--lambda", asked->lambda, "Of gae; the run's if left out")->check(CLI::Range(0.0, 1.0));
  parser.add_option("--n", asked->n, "Steps of n_step; the run's if left out")->check(whole(1, 1000000000));
  auto* with = parser.add_flag("--baseline", asked->baseline, "Subtract V(s) from returns");
  parser.add_flag("--no-baseline", asked->no_baseline, "Do not")->excludes(with);
  auto* standard = parser.add_flag("--normalise", asked->normalise, "Normalise Ψ over the table");
  parser.add_flag("--no-normalise", asked->raw, "Do not")->excludes(standard);
  parser.add_flag("--per-sample", asked->per_sample, "Write every transition's own gradient too");
  add_out(parser, asked->out, "FILE", "The .safetensors file; gradients.safetensors if left out");
  return [asked] { return run(*asked); };
}

}  // namespace

Command compute_instrument() {
  return {"compute", "Policy gradients of transitions that came from anywhere",
          "  pigrad grad compute runs/a2c-cartpole-seed1 --data transitions.csv --estimator gae --out g.safetensors\n"
          "  pigrad grad compute runs/a2c-cartpole-seed1 --data transitions.csv --estimator weight --per-sample",
          declare};
}

}  // namespace pigrad::app
