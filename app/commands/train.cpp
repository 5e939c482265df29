#include "train.hpp"

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>
#include <sstream>

#include "../../core/error.hpp"
#include "../../core/nearest.hpp"
#include "../devices.hpp"
#include "../ranks.hpp"
#include "../recipes.hpp"
#include "../settings.hpp"
#include "../training.hpp"
#include "../unread.hpp"
#include "key_value.hpp"
#include "options.hpp"

namespace pigrad::app {
namespace {

struct Asked {
  std::string recipe, variant, resume, log;
  std::vector<std::string> assignments;
  std::int64_t seed = -1;
  int gif_every = 0, grad_metrics = 0;
  double patience = 600;
  bool replace = false;
  TrainOptions options;
};

// The table is always there: curves and resuming need it.
std::string log_kinds(const std::string& list) {
  std::string kinds = "csv", kind;
  std::istringstream all(list);
  while (std::getline(all, kind, ',')) {
    if (kind == "tensorboard") kinds = "csv,tensorboard";
    if (kind != "csv" && kind != "tensorboard")
      throw Error("--log", "there is no kind of log \"" + kind + "\"",
                  did_you_mean(kind, {"csv", "tensorboard"}) + "give csv, or csv,tensorboard");
  }
  return kinds;
}

// Measuring costs about as much as some updates of a small rollout: of those fewer are looked at.
int interval(const TrainSettings& settings) {
  constexpr std::int64_t small_rollout = 512;
  return std::int64_t{settings.steps} * settings.copies < small_rollout ? 100 : 10;
}

int run(const Asked& asked, Ranks* ranks) {
  TrainOptions options = asked.options;
  options.ranks = ranks;
  if (options.live && options.quiet)
    throw Error("--live", "it draws into the terminal, and --quiet says nothing there", "leave out one of the two");
  options.if_there = asked.replace ? IfThere::replace : IfThere::refuse;
  if (!asked.resume.empty()) {
    if (!asked.recipe.empty() || !asked.assignments.empty() || !asked.variant.empty() || asked.seed >= 0 ||
        !asked.log.empty() || asked.gif_every > 0 || asked.grad_metrics != 0)
      throw Error("--resume", "a run goes on with the settings that it began with",
                  "leave out the recipe, --variant, --seed, --log, --gif-every, --grad-metrics and --set");
    if (!options.out.empty() || asked.replace)
      throw Error("--resume", "a run goes on in its own folder", "leave out --out and --replace");
    return resume(asked.resume, options);
  }
  if (asked.recipe.empty())
    throw Error("train", "no recipe is named", "try `pigrad train a2c-cartpole`, or see `pigrad list recipes`");
  TrainSettings settings = recipe_settings(asked.recipe, asked.variant);
  const auto fields = fields_of(settings);
  for (const std::string& assignment : asked.assignments) set_setting(fields, assignment);
  refuse_unread({settings}, asked.assignments, "--set");
  if (asked.seed >= 0) settings.seed = asked.seed;
  if (!asked.log.empty()) settings.log = log_kinds(asked.log);
  if (asked.grad_metrics != 0) settings.grad_metrics = asked.grad_metrics > 0 ? asked.grad_metrics : interval(settings);
  if (asked.gif_every > 0) settings.gif_every = asked.gif_every;
  return train(settings, options);
}

int run_or_join(const Asked& asked) {
  const Launch launch = launched();
  if (!launch.joins) return run(asked, nullptr);
  return on_ranks(launch, asked.patience, asked.options.threads, asked.options.device,
                  [&](Ranks& ranks) { return run(asked, &ranks); });
}

std::function<int()> declare(CLI::App& parser) {
  const auto asked = std::make_shared<Asked>();
  parser.add_option("recipe", asked->recipe, "A recipe's name, or a settings file that ends in .yaml")->type_name("");
  parser.add_option("--variant", asked->variant,
                    "recommended (the default), or source: as the published code computes");
  parser.add_option("--set", asked->assignments, "Change any setting: --set policy.optimiser.learning_rate=1e-3")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check(key_value("--set", "=VALUE"));
  add_seed(parser, asked->seed, "Seed of every random number");
  add_threads(parser, asked->options.threads);
  parser.add_option("--device", asked->options.device, "Where it trains: cpu, or cuda, an NVIDIA GPU of each process")
      ->check(CLI::IsMember(device_names()));
  add_out(parser, asked->options.out, "FOLDER", "The run folder; runs/RECIPE-SEED if left out");
  parser.add_flag("--replace", asked->replace, "Replace an earlier run of that folder");
  parser.add_option("--resume", asked->resume, "Go on with a run, bit for bit")->type_name("RUN")->check(filled());
  parser.add_option("--log", asked->log, "Kinds of metrics files: csv, or csv,tensorboard")->type_name("KINDS");
  parser.add_option("--gif-every", asked->gif_every, "Leave an animation of the policy each so many epochs")
      ->check(whole(1, 1000000000));
  parser
      .add_flag("--grad-metrics{-1}", asked->grad_metrics,
                "Measure the gradients' quality in every 10th update (every 100th of rollouts under 512 steps), or "
                "every so manyth: --grad-metrics=5")
      ->check(CLI::Validator(
          [](std::string& text) { return text == "-1" ? std::string() : whole(1, 1000000000)(text); }, ""));
  parser.add_flag("--live", asked->options.live, "Draw the policy acting in the terminal while it trains");
  parser.add_flag("--quiet", asked->options.quiet, "Say nothing but mistakes");
  parser
      .add_option("--patience", asked->patience,
                  "Under mpirun: after so many seconds without an answer a rank is lost; 600 if left out, 0: never")
      ->type_name("SECONDS")
      ->check(whole(0, 1000000000));
  return [asked] { return run_or_join(*asked); };
}

}  // namespace

Command train_command() {
  return {"train", "Train a recipe and leave a run folder with its curve",
          "  pigrad train a2c-cartpole\n"
          "  pigrad train a2c-cartpole --variant source --seed 7 --threads 2\n"
          "  pigrad train reinforce-cartpole --set epochs=50 --set gamma=0.95 --out runs/short\n"
          "  pigrad train a2c-cartpole --live --log csv,tensorboard --gif-every 25\n"
          "  pigrad train --resume runs/a2c-cartpole-seed1\n"
          "  mpirun -n 4 pigrad train a2c-cartpole --threads 1",
          declare};
}

}  // namespace pigrad::app
