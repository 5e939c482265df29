#include "training.hpp"

#include <chrono>
#include <cmath>
#include <iostream>

#include "../core/parallel.hpp"
#include "chart.hpp"
#include "progress.hpp"
#include "run_folder.hpp"
#include "settings.hpp"
#include "signals.hpp"
#include "summary.hpp"
#include "table.hpp"

namespace pigrad::app {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

double metric(const Metrics& metrics, const std::string& name) {
  for (const auto& [key, value] : metrics)
    if (key == name) return value;
  return std::nan("");
}

std::string layers(const ParameterLayout& layout) {
  Table table({{"parameter"}, {"shape"}, {"numbers", true}});
  for (const Segment& s : layout.segments())
    table.row({s.name, std::to_string(s.rows) + "×" + std::to_string(s.columns), std::to_string(s.size())});
  table.rule().row({"all", "", std::to_string(layout.size())});
  return table.text();
}

/// One run on its way: the algorithm, its folder, and what the folder's files need to know.
class Run {
 public:
  Run(Algorithm& algorithm, const RunPaths& paths, RunLog log, const TrainOptions& options)
      : algorithm_(algorithm), paths_(paths), log_(std::move(log)), options_(options) {
    const int asked = options.threads > 0 ? options.threads : algorithm.settings().threads;
    threads_ = asked > 0 ? asked : hardware_threads();
  }

  void restore(const State& state) {
    best_ = state.doubles("run.best", 2);
    seconds_before_ = state.doubles("run.seconds", 1)[0];
  }

  int go() {
    const TrainSettings& settings = algorithm_.settings();
    const Display display = standard_output(options_.quiet);
    StopSignals signals;
    Progress progress(display, settings.epochs, algorithm_.epochs_done(), algorithm_.steps_done());
    if (!options_.quiet) {
      progress.say(settings.recipe + " (" + settings.variant + "): " + settings.algorithm + " on " +
                   settings.environment + ", seed " + std::to_string(settings.seed) + ", " + settings.scalar + ", " +
                   std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads"));
      progress.say(layers(algorithm_.layout()));
    }
    while (algorithm_.epochs_done() < settings.epochs && !signals.requested()) epoch(progress);
    progress.finish();
    checkpoint(paths_.last());
    write_curve();
    if (signals.requested()) {
      std::cerr << "pigrad: " << signals.name() << ": stopped after epoch " << algorithm_.epochs_done()
                << " and saved; go on with `pigrad train --resume " << paths_.folder << "`\n";
      return signals.exit_status();
    }
    finish();
    return 0;
  }

 private:
  void epoch(Progress& progress) {
    Metrics metrics = algorithm_.epoch(threads_);
    const int done = algorithm_.epochs_done();
    const TrainSettings& settings = algorithm_.settings();
    const double mean = metric(metrics, "rollout/ep_rew_mean");
    metrics.emplace_back("time/time_elapsed", seconds_before_ + seconds_since(begin_));
    log_.epoch(done, metrics, algorithm_.episodes());
    progress.update(done, algorithm_.steps_done(), mean);
    if (settings.evaluate_every > 0 && done % settings.evaluate_every == 0) {
      const Evaluation e = algorithm_.evaluate(settings.evaluate_episodes, true, threads_);
      progress.say("epoch " + std::to_string(done) + ": greedy return " + shortest(e.mean) + " over " +
                   std::to_string(e.episodes) + " episodes");
    }
    if (mean > best_[0] || (std::isnan(best_[0]) && !std::isnan(mean))) {
      best_ = {mean, static_cast<double>(done)};
      checkpoint(paths_.best());
    }
    if (settings.checkpoint_every > 0 && done % settings.checkpoint_every == 0) {
      checkpoint(paths_.file("epoch-" + std::to_string(done) + ".safetensors"));
      checkpoint(paths_.last());
    }
  }

  void checkpoint(const std::string& path) const {
    State state;
    state.put("run.best", best_);
    state.put("run.seconds", std::vector<double>{seconds_before_ + seconds_since(begin_)});
    state.put("run.episodes", std::vector<std::int64_t>{log_.episodes()});
    save_checkpoint(path, algorithm_, std::move(state));
  }

  void write_curve() const {
    const TrainSettings& s = algorithm_.settings();
    CurveOptions options;
    options.title = s.recipe + " (" + s.variant + ") on " + s.environment;
    options.subtitle = "seed " + std::to_string(s.seed) + ", mean return of the episodes that ended in each epoch";
    if (std::isfinite(algorithm_.spec().best_return))
      options.references = {{algorithm_.spec().best_return, "best possible"}};
    write_chart(learning_curve(paths_.metrics(), options), paths_.folder);
  }

  void finish() {
    const double seconds = seconds_before_ + seconds_since(begin_);
    const int episodes = algorithm_.settings().evaluate_episodes;
    const Evaluation greedy = algorithm_.evaluate(episodes, true, threads_);
    const Evaluation sampled = algorithm_.evaluate(episodes, false, threads_);
    const Registry environments = Registry::builtin();
    const Loaded best = load_checkpoint(paths_.best(), environments);
    const Evaluation best_greedy = best.algorithm->evaluate(episodes, true, threads_);
    TrainSettings settings = algorithm_.settings();
    Summary summary;
    summary.set("recipe", settings.recipe).set("variant", settings.variant).set("seed", settings.seed);
    summary.set("epochs", algorithm_.epochs_done()).set("environment_steps", algorithm_.steps_done());
    summary.set("wall_seconds", seconds).set("threads", threads_);
    const auto put = [&](const std::string& key, const Evaluation& e) {
      summary.set(key + ".mean", e.mean)
          .set(key + ".std", e.deviation)
          .set(key + ".min", e.least)
          .set(key + ".max", e.most);
      summary.set(key + ".episodes", e.episodes);
    };
    put("final.greedy", greedy);
    put("final.sampled", sampled);
    summary.set("best.epoch", static_cast<int>(best_[1])).set("best.training_mean", best_[0]);
    put("best.greedy", best_greedy);
    summary.set_settings("settings", fields_of(settings)).set_versions().write(paths_.summary());
    if (options_.quiet) return;
    std::cout << "greedy return " << greedy.mean << " ± " << greedy.deviation << " (least " << greedy.least
              << "), sampled " << sampled.mean << " ± " << sampled.deviation << ", over " << episodes
              << " episodes each\n"
              << paths_.folder
              << ": curve.png, metrics.csv, episodes.csv, summary.json, last.safetensors, best.safetensors\n";
  }

  Algorithm& algorithm_;
  RunPaths paths_;
  RunLog log_;
  TrainOptions options_;
  int threads_ = 1;
  std::vector<double> best_ = {std::nan(""), 0};  ///< mean return of the best epoch, and its number
  double seconds_before_ = 0;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace

int train(const TrainSettings& settings, const TrainOptions& options) {
  check_fields(settings);
  const Registry environments = Registry::builtin();
  const auto algorithm = make_algorithm(settings, environments);
  const std::string wanted = options.out.empty() ? run_folder_name(settings.recipe, settings.seed) : options.out;
  const RunPaths paths{make_run_folder(wanted, options.out.empty() ? IfThere::number : options.if_there)};
  TrainSettings written = settings;
  write_text(paths.hparams(), write_settings(fields_of(written)));
  return Run(*algorithm, paths, RunLog(paths), options).go();
}

int resume(const std::string& run, const TrainOptions& options) {
  const Registry environments = Registry::builtin();
  Loaded loaded = load_checkpoint(run, environments);
  const RunPaths paths{run};
  RunLog log(paths, loaded.algorithm->epochs_done(), loaded.state.integers("run.episodes", 1)[0]);
  Run going(*loaded.algorithm, paths, std::move(log), options);
  going.restore(loaded.state);
  return going.go();
}

}  // namespace pigrad::app
