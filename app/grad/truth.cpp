#include "../../lab/truth.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>

#include "../../core/error.hpp"
#include "../../core/parallel.hpp"
#include "../../lab/experiment.hpp"
#include "../../lab/reference.hpp"
#include "../../rl/on_policy.hpp"
#include "../commands/options.hpp"
#include "../environments.hpp"
#include "../progress.hpp"
#include "../run_folder.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "instrument.hpp"

namespace pigrad::app {
namespace {

using lab::digits;

struct Asked {
  std::string what, baseline = "none", critic = "exact", network;
  lab::TruthSettings truth;
  double gamma = 0.95, spread = 0.5;
  bool no_time = false;
  std::int64_t seed = 1, steps = 1000000;
  int threads = 0, horizon = 0;
};

std::string interval(const lab::Interval& x) { return digits(x.value, x.low, x.high); }

lab::BaselineKind baseline_of(const std::string& name) {
  using K = lab::BaselineKind;
  const std::pair<const char*, K> all[] = {
      {"none", K::none}, {"constant", K::constant}, {"optimal", K::optimal}, {"value", K::value}, {"time", K::time}};
  for (const auto& [word, kind] : all)
    if (name == word) return kind;
  throw Error("--baseline", "there is no '" + name + "'", "give none, constant, optimal, value or time");
}

lab::FiniteMdp mdp_of(const Asked& asked) {
  const auto seed = static_cast<std::uint64_t>(asked.seed);
  if (asked.what == "chain") return lab::chain_mdp(asked.gamma);
  if (asked.what == "grid") return lab::grid_world_mdp(asked.gamma);
  return lab::random_mdp(seed, {.gamma = asked.gamma});
}

void print_truth(const lab::FiniteMdp& mdp, const lab::FinitePolicy& policy, const Asked& asked) {
  const lab::Truth truth = lab::against_truth(mdp, policy, asked.truth);
  const lab::Quality& q = truth.quality;
  const double size = lab::norm(truth.gradient);
  const std::string sure = six_digits(100 * asked.truth.confidence) + " %";
  std::cout << mdp.name << ", γ " << digits(mdp.gamma) << ": J " << digits(truth.objective) << ", ‖∇J‖ " << digits(size)
            << ", " << policy.size() << " parameters, " << digits(truth.length) << " steps an episode\n"
            << asked.truth.psi.label(mdp.gamma) << ", critic " << asked.critic << ", " << q.count << " estimates of "
            << asked.truth.batch << " episode" << (asked.truth.batch == 1 ? "" : "s") << "\n\n";
  Table table({{"of one estimate"}, {"measured, " + sure, true}, {"exactly", true}});
  const double batch = asked.truth.batch;
  const bool exact = truth.exact;
  const auto add = [&](const char* name, const std::string& measured, double exactly) {
    table.row({name, measured, exact && !std::isnan(exactly) ? digits(exactly) : "—"});
  };
  const std::vector<double>& mean = exact ? truth.moments.mean : truth.gradient;
  const double bias = lab::distance(mean, truth.gradient), variance = truth.moments.variance / batch;
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  add("‖bias‖", interval(q.bias), bias);
  add("‖bias‖/‖∇J‖", digits(q.bias.value / size, q.bias.low / size, q.bias.high / size), bias / size);
  add("tr Σ", interval(q.variance), variance);
  add("mean squared error", interval(q.error), bias * bias + variance);
  add("cosine of the mean with ∇J", interval(q.cosine), lab::cosine(mean, truth.gradient));
  add("p (no bias)", digits(q.unbiased_p), nothing);
  if (!asked.truth.psi.normalise) {
    const double whole = truth.parts.total() / 100;
    add("a step's variance: over what follows, %", digits(truth.parts.trajectories / whole), nothing);
    add("over actions, %", digits(truth.parts.actions / whole), nothing);
    add("over states, %", digits(truth.parts.states / whole), nothing);
  }
  std::cout << table.text() << "\n";
  Table samples({{"estimates", true}, {"‖ĝ − ∇J‖², " + sure, true}, {"cosine, " + sure, true}});
  for (const lab::TruthAt& at : truth.against_samples)
    samples.row({std::to_string(at.estimates), interval(at.error), interval(at.cosine)});
  std::cout << samples.text();
}

/// What a run's own estimator gives, beside the unbiased one.
template <class T>
int print_reference(const OnPolicy<T>& run, const Asked& asked) {
  const TrainSettings& s = run.settings();
  lab::ReferenceSettings settings;
  settings.steps = asked.steps;
  settings.gamma = s.gamma;
  settings.lambda = s.lambda;
  settings.seed = static_cast<std::uint64_t>(asked.seed);
  settings.threads = asked.threads;
  settings.psi.baseline = run.agent().has_value() && !run.agent().sees_time();
  const Registry environments = all_environments();
  Progress progress(standard_output(false), 100);
  progress.count("percent");
  double before = 0;
  settings.progress = [&](double share) { progress.update(static_cast<int>(50 * (share + before)), 0); };
  progress.note("reference");
  const lab::ReferenceGradient truth = lab::reference_gradient(run.agent(), environments, s.environment, settings);
  before = 1;
  settings.psi = s.advantage;
  settings.psi.normalise = false;
  settings.bootstrap_limits = run.agent().has_value() && s.boundary.truncation == "bootstrap";
  progress.note(s.advantage.estimator);
  const lab::ReferenceGradient own = lab::reference_gradient(run.agent(), environments, s.environment, settings);
  progress.finish();
  const double size = lab::norm(truth.mean);
  std::cout << s.environment << ", γ " << digits(s.gamma) << ": J " << interval(truth.objective) << " (95 %)\n\n";
  Table table({{""}, {"reference: return-to-go, γᵗ", true}, {"this run's " + s.advantage.estimator, true}});
  table.row({"steps, episodes", grouped(truth.steps) + ", " + grouped(truth.episodes),
             grouped(own.steps) + ", " + grouped(own.episodes)});
  table.row({"norm of an episode's gradient", digits(size), digits(lab::norm(own.mean))});
  table.row({"standard error", digits(truth.standard_error), digits(own.standard_error)});
  table.row({"tr Σ of an episode",
             digits(truth.standard_error * truth.standard_error * static_cast<double>(truth.episodes)),
             digits(own.standard_error * own.standard_error * static_cast<double>(own.episodes))});
  table.row({"cosine with the reference", "—", digits(lab::cosine(own.mean, truth.mean))});
  std::cout << table.text() << "\nAdvantages are not normalised here, which changes the gradient's length"
            << " and, with large batches, little else.\n";
  return 0;
}

int run(Asked asked) {
  asked.threads = threads_or_all(asked.threads);
  asked.truth.threads = asked.threads;
  asked.truth.seed = static_cast<std::uint64_t>(asked.seed);
  asked.truth.psi.baseline = baseline_of(asked.baseline);
  asked.truth.psi.discount_time = !asked.no_time;
  asked.truth.critic = lab::CriticChoice::parse(asked.critic);
  if (asked.what == "chain" || asked.what == "grid" || asked.what == "random") {
    lab::FiniteMdp mdp = mdp_of(asked);
    if (asked.horizon > 0) mdp = lab::with_horizon(mdp, asked.horizon);
    lab::FinitePolicy policy = lab::FinitePolicy::linear(mdp);
    policy.randomise(asked.truth.seed, asked.spread);
    print_truth(mdp, policy, asked);
    return 0;
  }
  const Loaded loaded = load_checkpoint(asked.what, all_environments());
  if (const auto* of = dynamic_cast<const OnPolicy<float>*>(loaded.algorithm.get())) return print_reference(*of, asked);
  if (const auto* of = dynamic_cast<const OnPolicy<double>*>(loaded.algorithm.get()))
    return print_reference(*of, asked);
  throw Error(asked.what, "its algorithm keeps no policy that can be sampled", "take a run of another");
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  std::vector<std::string> estimators = estimator_names();
  parser.add_option("what", asked->what, "chain, grid or random: a finite MDP; or a run folder or checkpoint")
      ->required()
      ->type_name("");
  parser.add_option("--estimator", asked->truth.psi.estimator, "Ψ, of a finite MDP")
      ->capture_default_str()
      ->check(CLI::IsMember(estimators));
  parser.add_option("--baseline", asked->baseline, "none, constant, optimal, value or time")->capture_default_str();
  parser.add_option("--critic", asked->critic, "exact, learned:EPISODES or spoiled:ERROR")->capture_default_str();
  parser.add_option("--lambda", asked->truth.psi.lambda, "Of gae")->capture_default_str()->check(CLI::Range(0.0, 1.0));
  parser.add_option("--n", asked->truth.psi.n, "Steps of n_step")->capture_default_str()->check(whole(1, 1000000));
  parser.add_flag("--no-discount-time", asked->no_time, "Leave γᵗ away");
  parser.add_flag("--normalise", asked->truth.psi.normalise, "Ψ to mean 0 and deviation 1 over each batch");
  parser.add_option("--batch", asked->truth.batch, "Episodes of one estimate")
      ->capture_default_str()
      ->check(whole(1, 1000000));
  parser.add_option("--episodes", asked->truth.episodes, "Sampled in all")
      ->capture_default_str()
      ->check(whole(2, 10000000));
  parser.add_option("--gamma", asked->gamma, "Of a finite MDP")->capture_default_str()->check(CLI::Range(0.0, 1.0));
  parser.add_option("--horizon", asked->horizon, "Steps after which its episodes end")->check(whole(1, 1000));
  parser.add_option("--spread", asked->spread, "Deviation of the logits of its policy")->capture_default_str();
  parser.add_option("--confidence", asked->truth.confidence, "Of intervals")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 0.999999));
  parser.add_option("--steps", asked->steps, "Environment steps of a run's reference gradient, and again of its own Ψ")
      ->capture_default_str()
      ->check(whole(1000, 1000000000000));
  add_seed(parser, asked->seed, "Of policy, MDP and samples")->capture_default_str();
  add_threads(parser, asked->threads);
  return [asked] { return run(*asked); };
}

}  // namespace

Command truth_instrument() {
  return {"truth", "Bias, variance and cosine of an estimator of the policy gradient against the exact one",
          "  pigrad grad truth grid --estimator gae --lambda 0.9 --critic spoiled:0.1\n"
          "  pigrad grad truth chain --estimator total_return --baseline optimal\n"
          "  pigrad grad truth runs/a2c-cartpole-seed1 --steps 2000000",
          declare};
}

}  // namespace pigrad::app
