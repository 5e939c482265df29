#include "ablation.hpp"

#include <cmath>
#include <iostream>

#include "../../core/error.hpp"
#include "ablation_report.hpp"
#include "grid.hpp"

namespace pigrad::app {
namespace {

class Ablation {
 public:
  Ablation(const TrainSettings& from, const TrainSettings& to, const AblationOptions& options)
      : from_(from), options_(options), switches_(switches_between(from, to)) {
    if (switches_.empty())
      throw Error("ablate", "the two do not differ in anything that is learnt",
                  "give two settings files, or a recipe with a variant");
    try_settings(from);
    outcome_.alone.resize(switches_.size());
    outcome_.from.step = {"from", {}, {}, ""};
    const bool named = from.variant != to.variant;
    const std::string begin = named ? from.variant : "from", end = named ? to.variant : "to";
    plan(outcome_.from, begin);
    const auto alone = steps_alone(from, switches_);
    for (std::size_t i = 0; i < alone.size(); ++i) {
      outcome_.alone[i].step = alone[i];
      plan(outcome_.alone[i], begin + " + " + alone[i].name);
    }
    for (const Step& step : steps_cumulative(from, switches_)) {
      outcome_.cumulative.emplace_back().step = step;
      const bool last = step.switches.size() == switches_.size();
      plan(outcome_.cumulative.back(), last ? end : begin + " … + " + step.name);
    }
  }

  int go() {
    options_.batch.again = "the same command";
    const BatchEnd end = run_batch(options_.out, runs_, options_.batch);
    if (end.stopped != 0) return end.stopped;
    for (Outcome* one : all()) read(*one, end);
    const std::string words = write_ablation(options_, outcome_);
    if (!options_.batch.quiet)
      std::cout << "\n" << words << options_.out << ": ablation.png, ablation.md, ablation.csv and the runs\n";
    return end.failed > 0 ? 1 : 0;
  }

 private:
  std::vector<Outcome*> all() {
    std::vector<Outcome*> list = {&outcome_.from};
    for (Outcome& one : outcome_.alone) list.push_back(&one);
    for (Outcome& one : outcome_.cumulative) list.push_back(&one);
    return list;
  }

  /// The runs of an outcome; those of the same settings are shared.
  void plan(Outcome& outcome, const std::string& variant) {
    if (!outcome.step.refusal.empty()) return;
    TrainSettings settings = turned(from_, outcome.step.switches);
    for (std::size_t i = 0; i < planned_.size(); ++i)
      if (switches_between(planned_[i], settings).empty()) {
        outcome.first_run = i * options_.seeds.size();
        outcome.folder = folders_[i];
        return;
      }
    settings.variant = variant;
    options_.score.note_run(settings.epochs);
    planned_.push_back(settings);
    folders_.push_back(folder_of({{"variant", variant}}).substr(std::string("variant=").size()));
    outcome.first_run = runs_.size();
    outcome.folder = folders_.back();
    for (const std::int64_t seed : options_.seeds) {
      settings.seed = seed;
      runs_.push_back({folders_.back() + "/seed" + std::to_string(seed), settings});
    }
  }

  void read(Outcome& outcome, const BatchEnd& end) {
    if (!outcome.step.refusal.empty()) return;
    std::vector<double> gradient, update;
    for (std::size_t k = 0; k < options_.seeds.size(); ++k) {
      const std::size_t i = outcome.first_run + k;
      TrainSettings before = from_;
      before.seed = options_.seeds[k];
      if (&outcome != &outcome_.from) {
        const Directions d = first_directions(before, runs_[i].settings);
        gradient.push_back(d.gradient);
        update.push_back(d.update);
      }
      if (!end.runs[i].finished) {
        outcome.failures.push_back("seed " + std::to_string(options_.seeds[k]) + ": " + end.runs[i].fault);
        continue;
      }
      const RunScore score = read_score(options_.out + "/" + runs_[i].name, options_.score);
      outcome.runs.push_back(options_.out + "/" + runs_[i].name);
      if (std::isfinite(score.score)) outcome.scores.push_back(score.score);
    }
    outcome.gradient = median_of(gradient);
    outcome.update = median_of(update);
    outcome.description = describe({outcome.scores});
    outcome.difference =
        bootstrap_interval({outcome_.from.scores, outcome.scores}, interquartile_difference, {20000, 0.95, 0});
  }

  TrainSettings from_;
  AblationOptions options_;
  std::vector<Switch> switches_;
  AblationOutcome outcome_;
  std::vector<TrainSettings> planned_;
  std::vector<std::string> folders_;
  std::vector<PlannedRun> runs_;
};

}  // namespace

int ablate(const TrainSettings& from, const TrainSettings& to, const AblationOptions& options) {
  return Ablation(from, to, options).go();
}

}  // namespace pigrad::app
