#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>

#include "../../core/error.hpp"
#include "../../lab/microscope.hpp"
#include "../../lab/subject.hpp"
#include "../commands/options.hpp"
#include "../environments.hpp"
#include "../files.hpp"
#include "../run_folder.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "instrument.hpp"
#include "tape_picture.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string run, svg;
  int episode = 0, step = 0, states = 4, entries = 8;
  std::int64_t seed = -1;
  double rate = 0;
};

std::string list(const std::vector<double>& values) {
  std::string text;
  for (const double x : values) text += (text.empty() ? "" : ", ") + six_digits(x);
  return text;
}

void say(const char* name, const std::string& value) { std::printf("  %-14s %s\n", name, value.c_str()); }

/// Steps spread over the episode, this one left out.
std::vector<int> spread(int rows, int count, int but) {
  std::vector<int> chosen;
  for (int i = 0; i < count; ++i) {
    const int row = count > 1 ? static_cast<int>(static_cast<std::int64_t>(rows - 1) * i / (count - 1)) : 0;
    if (row != but && (chosen.empty() || chosen.back() != row)) chosen.push_back(row);
  }
  return chosen;
}

void print_step(const StepView& v, const EpisodeRows& episode, const Asked& asked, bool normalised) {
  const int rows = episode.rollout.rows(), features = episode.rollout.observation_size;
  std::vector<double> raw;
  for (int f = 0; f < features; ++f)
    raw.push_back(episode.raw_observation[static_cast<std::size_t>(f * rows + asked.step)]);
  say("observation", list(raw));
  if (normalised) say("as seen", list(v.observation));
  say(episode.rollout.action_size == 0 ? "logits" : "outputs", list(v.outputs));
  std::string policy;
  for (std::size_t k = 0; k < v.policy.size(); ++k)
    policy += (k > 0 ? ", " : "") + v.policy_names[k] + " = " + six_digits(v.policy[k]);
  say("policy", policy);
  say("action", list(v.action));
  say("log-prob", six_digits(v.log_prob));
  const double raw_reward = episode.raw_reward[static_cast<std::size_t>(asked.step)];
  say("reward", six_digits(raw_reward) + (raw_reward == v.reward ? "" : ", learnt from as " + six_digits(v.reward)));
  say("return-to-go", six_digits(v.return_to_go));
  if (!std::isnan(v.value)) say("value", "V = " + six_digits(v.value) + ", V′ = " + six_digits(v.next_value));
  say("advantage", six_digits(v.advantage) +
                       (v.weight == v.advantage ? "" : "; Ψ, normalised over the episode: " + six_digits(v.weight)));
  std::printf("\nscore ∇ln π(a|s): norm %s\n", six_digits(v.norm).c_str());
  Table layers({{"layer"}, {"norm", true}, {"share", true}});
  for (const ParameterEntry& layer : v.layers) {
    char share[32];
    std::snprintf(share, sizeof share, "%.1f %%", 100 * layer.value * layer.value / (v.norm * v.norm));
    layers.row({layer.name, six_digits(layer.value), share});
  }
  std::cout << layers.text();
  Table largest({{"largest entries"}, {"score", true}, {"step", true}});
  for (const ParameterEntry& entry : v.largest)
    largest.row({entry.name, six_digits(entry.value), six_digits(asked.rate * v.weight * entry.value)});
  std::cout << largest.text();
  std::printf("\none step of plain ascent on this timestep alone, θ + %s·Ψ·∇ln π: ‖Δθ‖ = %s\n",
              six_digits(asked.rate).c_str(), six_digits(std::abs(asked.rate * v.weight) * v.norm).c_str());
  std::printf("  ln π(a|s): %s, to first order %s, after the step %s\n", six_digits(v.log_prob).c_str(),
              six_digits(v.first_order_log_prob).c_str(), six_digits(v.stepped_log_prob).c_str());
  Table changes({{"state of step", true},
                 {"", false},
                 {"before", true},
                 {"first order", true},
                 {"after", true},
                 {"change", true}});
  for (const PolicyChange& change : v.changes)
    for (std::size_t k = 0; k < v.policy_names.size(); ++k)
      changes.row({k == 0 ? std::to_string(change.row) + (change.row == asked.step ? " (this)" : "") : "",
                   v.policy_names[k], six_digits(change.before[k]), six_digits(change.first_order[k]),
                   six_digits(change.after[k]), six_digits(change.after[k] - change.before[k])});
  std::cout << changes.text();
}

int run(Asked asked) {
  const Registry environments = all_environments();
  const Loaded loaded = load_checkpoint(asked.run, environments);
  const std::string file = checkpoint_path(asked.run);
  if (asked.svg.empty())
    asked.svg = (std::filesystem::path(file).parent_path() /
                 ("tape-" + std::to_string(asked.episode) + "-" + std::to_string(asked.step) + ".svg"))
                    .string();
  prove_file(asked.svg);
  const auto subject = opened(loaded.settings, loaded.state, environments);
  const auto seed = static_cast<std::uint64_t>(asked.seed >= 0 ? asked.seed : loaded.settings.seed);
  const EpisodeRows episode = episode_rows(*loaded.algorithm, *subject, loaded.state, asked.episode, seed);
  if (asked.rate == 0) asked.rate = loaded.settings.policy.optimiser.learning_rate;
  Microscope microscope(*subject, loaded.state, episode.rollout);
  const int rows = episode.rollout.rows();
  const StepView view = microscope.look(asked.step, asked.rate, spread(rows, asked.states, asked.step), asked.entries);
  std::cout << file << ": " << loaded.settings.algorithm << " on " << loaded.settings.environment << " after epoch "
            << loaded.algorithm->epochs_done() << "\nepisode " << asked.episode << " of seed " << seed << ", " << rows
            << " steps, return " << six_digits(episode.total) << "; step " << asked.step << "\n";
  std::cout.flush();
  print_step(view, episode, asked, subject->agent().normaliser() != nullptr);
  const auto nodes = open_tape(microscope.program(), microscope.bind(asked.step));
  std::cout << "\nthe tape of ln π(a|s), adjoints as ∂ ln π/∂ node\n" << tape_table(nodes);
  write_text(asked.svg, tape_svg(nodes, "ln π(a|s) at step " + std::to_string(asked.step) + " of episode " +
                                            std::to_string(asked.episode)));
  std::cout << asked.svg << ": the same as a graph\n";
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  add_checkpoint(parser, asked->run);
  parser.add_option("--episode", asked->episode, "Which episode of the seed, from 0; actions are sampled")
      ->capture_default_str()
      ->check(whole(0, 100000));
  parser.add_option("--step", asked->step, "Which of its timesteps, from 0")
      ->capture_default_str()
      ->check(whole(0, 1000000000));
  add_seed(parser, asked->seed, "Seed of starts and sampled actions; the run's if left out");
  parser
      .add_option("--rate", asked->rate, "Size of the step that is tried; policy.optimiser.learning_rate if left out")
      ->check(CLI::PositiveNumber);
  parser.add_option("--states", asked->states, "Other states of the episode to see the step's effect at")
      ->capture_default_str()
      ->check(whole(0, 1000));
  parser.add_option("--entries", asked->entries, "How many of the score's largest entries")
      ->capture_default_str()
      ->check(whole(0, 100000));
  add_out(parser, asked->svg, "FILE", "The tape's .svg file; tape-EPISODE-STEP.svg beside the checkpoint if left out");
  return [asked] { return run(*asked); };
}

}  // namespace

Command show_instrument() {
  return {"show", "One timestep: what was seen, done and scored, and what its gradient does",
          "  pigrad grad show runs/a2c-cartpole-seed1\n"
          "  pigrad grad show runs/a2c-cartpole-seed1 --episode 2 --step 40 --rate 0.1\n"
          "  pigrad grad show runs/a2c-pendulum-seed1/best.safetensors --states 10 --out tape.svg",
          declare};
}

}  // namespace pigrad::app
