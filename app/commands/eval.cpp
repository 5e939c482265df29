#include "eval.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "../../core/parallel.hpp"
#include "../environments.hpp"
#include "../run_folder.hpp"
#include "../table.hpp"
#include "../text.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string run;
  int episodes = 100;
  int threads = 0;
};

int run(const Asked& asked) {
  const Registry environments = all_environments();
  const Loaded loaded = load_checkpoint(asked.run, environments);
  const int threads = threads_or_all(asked.threads);
  Table table(
      {{"actions"}, {"mean return", true}, {"deviation", true}, {"least", true}, {"most", true}, {"length", true}});
  for (const bool greedy : {true, false}) {
    const Evaluation e = loaded.algorithm->evaluate(asked.episodes, greedy, threads);
    table.row({greedy ? "greedy" : "sampled", six_digits(e.mean), six_digits(e.deviation), six_digits(e.least),
               six_digits(e.most), six_digits(e.mean_length)});
  }
  std::cout << checkpoint_path(asked.run) << ": " << loaded.settings.environment << " after epoch "
            << loaded.algorithm->epochs_done() << ", " << asked.episodes << " episodes each\n"
            << table.text();
  return 0;
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  add_checkpoint(parser, asked->run);
  parser.add_option("--episodes", asked->episodes, "Whole episodes, greedy and sampled")
      ->capture_default_str()
      ->check(whole(1, 100000000));
  add_threads(parser, asked->threads);
  return [asked] { return run(*asked); };
}

}  // namespace

Command eval_command() {
  return {"eval", "Evaluate a trained policy, greedy and sampled",
          "  pigrad eval runs/a2c-cartpole-seed1\n"
          "  pigrad eval runs/a2c-cartpole-seed1/best.safetensors --episodes 1000",
          declare};
}

}  // namespace pigrad::app
