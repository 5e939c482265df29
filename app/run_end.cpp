#include "run_end.hpp"

#include <filesystem>
#include <sstream>

#include "environments.hpp"
#include "summary.hpp"

namespace pigrad::app {
namespace {

void put(Summary& summary, const std::string& key, const Evaluation& e) {
  summary.set(key + ".mean", e.mean).set(key + ".std", e.deviation);
  summary.set(key + ".min", e.least).set(key + ".max", e.most).set(key + ".episodes", e.episodes);
}

}  // namespace

std::string sum_up(const Algorithm& algorithm, const RunPaths& paths, const RunEnd& end) {
  TrainSettings settings = algorithm.settings();
  const int episodes = settings.evaluate_episodes;
  const Evaluation greedy = algorithm.evaluate(episodes, true, end.threads),
                   sampled = algorithm.evaluate(episodes, false, end.threads);
  Summary summary;
  summary.set("recipe", settings.recipe).set("variant", settings.variant).set("seed", settings.seed);
  summary.set("epochs", algorithm.epochs_done()).set("environment_steps", algorithm.steps_done());
  summary.set("wall_seconds", end.seconds).set("threads", end.threads);
  if (end.ranks > 0) summary.set("ranks", end.ranks);
  put(summary, "final.greedy", greedy);
  put(summary, "final.sampled", sampled);
  if (std::filesystem::exists(paths.best())) {
    const Registry environments = all_environments();
    const Loaded best = load_checkpoint(paths.best(), environments);
    summary.set("best.epoch", end.best_epoch).set("best.training_mean", end.best_mean);
    put(summary, "best.greedy", best.algorithm->evaluate(episodes, true, end.threads));
  }
  summary.set_settings("settings", fields_of(settings)).set_versions().write(paths.summary());
  std::ostringstream words;
  words << "greedy return " << greedy.mean << " ± " << greedy.deviation << " (least " << greedy.least << "), sampled "
        << sampled.mean << " ± " << sampled.deviation << ", over " << episodes << " episodes each\n";
  return words.str();
}

}  // namespace pigrad::app
