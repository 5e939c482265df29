#include "training.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "../core/error.hpp"
#include "../lab/gradient_metrics.hpp"
#include "../lab/stall.hpp"
#include "../rl/counts.hpp"
#include "devices.hpp"
#include "environments.hpp"
#include "files.hpp"
#include "film.hpp"
#include "live.hpp"
#include "many/pool.hpp"
#include "progress.hpp"
#include "ranks.hpp"
#include "recipes.hpp"
#include "run_end.hpp"
#include "run_folder.hpp"
#include "run_views.hpp"
#include "settings.hpp"
#include "signals.hpp"
#include "text.hpp"
#include "unread.hpp"

namespace pigrad::app {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// The first line end is for a line that is drawn in place.
constexpr const char* kStopping =
    "\npigrad: stopping: this epoch, or the last evaluation, is finished and saved first; a second signal ends it\n";

int ranks_of(const TrainOptions& options) { return options.ranks ? options.ranks->size() : 1; }

/// One run on its way: the algorithm, its folder, and what the folder's files need to know.
class Run {
 public:
  Run(Algorithm& algorithm, const RunPaths& paths, RunLog log, const TrainOptions& options)
      : algorithm_(algorithm), paths_(paths), log_(std::move(log)), options_(options) {
    const int asked = options.threads > 0 ? options.threads : algorithm.settings().threads;
    threads_ = asked > 0 ? asked : threads_of(options.ranks ? launched() : Launch());
    if (const int every = algorithm.settings().grad_metrics; every > 0)
      gradients_ = measure_gradients(algorithm, every);
  }

  void restore(const State& state) {
    best_ = state.doubles("run.best", 2);
    seconds_before_ = state.doubles("run.seconds", 1)[0];
    if (gradients_) gradients_->load(state);
  }

  int go() {
    const TrainSettings& settings = algorithm_.settings();
    Display display = standard_output(options_.quiet);
    // A launcher gives a terminal to rank 0, wherever its own output goes.
    if (options_.ranks && !options_.live) display.terminal = false;
    // A picture is drawn over what is written beside it: there the words wait for the next one.
    const bool drawn = options_.live && Live::possible(display);
    std::string words = kStopping + (display.terminal ? 0 : 1);
    // A launcher asks all to stop where a rank has died, and gives them little time.
    if (options_.ranks)
      words.insert(words.size() - 1, "; if a rank has died it cannot be: go on with `" + again() + "`");
    StopSignals signals(options_.quiet || drawn ? nullptr : words.c_str());
    Progress progress(display, settings.epochs, algorithm_.epochs_done(), algorithm_.steps_done());
    if (!options_.quiet) {
      progress.say(settings.recipe + " (" + settings.variant + "): " + settings.algorithm + " on " +
                   settings.environment + ", seed " + std::to_string(settings.seed) + ", " + settings.scalar + ", " +
                   device_in_words(options_.device, threads_, ranks_of(options_)) +
                   (options_.ranks ? " on each of " + std::to_string(options_.ranks->size()) + " ranks" : ""));
      if (const std::string unread = unread_in_words(settings); !unread.empty()) progress.say(unread);
      progress.say(parameter_table(algorithm_.layout()));
    }
    save();
    // A run that was ended between a checkpoint and its copy goes on from here.
    if (checkpoint_is_due()) keep_checkpoint(paths_, algorithm_.epochs_done(), settings.checkpoints_kept);
    std::unique_ptr<Live> live = watch(display, progress, signals);
    while (algorithm_.epochs_done() < settings.epochs && !signals.requested()) {
      if (live && live->wants()) live->show(checkpoint());
      if (options_.ranks) heed(options_.ranks->epoch(), signals);
      epoch(progress);
    }
    live.reset();
    progress.finish();
    save();
    write_curve();
    if (signals.requested()) {
      if (!options_.quiet)
        std::cerr << "pigrad: " << signals.name() << ": stopped after epoch " << algorithm_.epochs_done()
                  << " and saved; go on with `" << again() << "`\n";
      return signals.exit_status();
    }
    finish();
    return signals.exit_status();
  }

  /// A finished run's files are left as they are, but for a curve that is missing.
  bool nothing_left() const {
    namespace fs = std::filesystem;
    if (algorithm_.epochs_done() < algorithm_.settings().epochs || !fs::exists(paths_.summary())) return false;
    if (!fs::exists(paths_.file("curve.svg")) || !fs::exists(paths_.file("curve.png"))) write_curve();
    if (!options_.quiet)
      std::cout << paths_.folder << ": finished, all " << algorithm_.epochs_done()
                << " epochs; nothing is left to do\n";
    return true;
  }

 private:
  /// What goes on with this run as it was started.
  std::string again() const {
    return (options_.ranks ? "mpirun -n " + std::to_string(options_.ranks->size()) + " " : "") +
           "pigrad train --resume " + paths_.folder + (options_.live ? " --live" : "") +
           (options_.threads > 0 ? " --threads " + std::to_string(options_.threads) : "") +
           (options_.device != "cpu" ? " --device " + options_.device : "");
  }

  std::unique_ptr<Live> watch(const Display& display, Progress& progress, const StopSignals& signals) const {
    if (!options_.live) return nullptr;
    if (Live::possible(display))
      return std::make_unique<Live>(algorithm_.settings(), display, progress, [&signals]() -> std::string {
        return signals.requested() ? "stopping: this epoch, or the last evaluation, is finished and saved first" : "";
      });
    progress.say("--live: the output is no terminal with room for a picture, so none is drawn");
    return nullptr;
  }

  void epoch(Progress& progress) {
    Metrics metrics = learn();
    const int done = algorithm_.epochs_done();
    stall_.epoch(done, metrics);
    const TrainSettings& settings = algorithm_.settings();
    const auto is_mean = [](const auto& metric) { return metric.first == "rollout/ep_rew_mean"; };
    const auto returns = std::find_if(metrics.begin(), metrics.end(), is_mean);
    const double mean = returns == metrics.end() ? std::nan("") : returns->second;
    if (settings.evaluate_every > 0) evaluate(metrics, progress);
    metrics.emplace_back("time/time_elapsed", seconds_before_ + seconds_since(begin_));
    keep(metrics, mean);
    progress.update(done, algorithm_.steps_done(), mean);
  }

  /// What an epoch leaves in the run folder. A full disk ends the run, which can go on from its last checkpoint.
  void keep(const Metrics& metrics, double mean) try {
    const int done = algorithm_.epochs_done();
    const TrainSettings& settings = algorithm_.settings();
    log_.epoch(done, algorithm_.steps_done(), metrics, algorithm_.episodes());
    if (settings.gif_every > 0 && done % settings.gif_every == 0) write_gif();
    if (mean > best_[0] || (std::isnan(best_[0]) && !std::isnan(mean))) {
      best_ = {mean, static_cast<double>(done)};
      best_state_ = std::make_unique<State>(snapshot());
    }
    if (checkpoint_is_due()) {
      save();
      keep_checkpoint(paths_, done, settings.checkpoints_kept);
    }
  } catch (const RankLost&) {
    throw;
  } catch (const Error& error) {
    throw Error("epoch " + std::to_string(algorithm_.epochs_done()), error.what(),
                "then go on from epoch " + std::to_string(saved_epoch_) + " with `" + again() + "`");
  }

  bool checkpoint_is_due() const {
    const int every = algorithm_.settings().checkpoint_every, done = algorithm_.epochs_done();
    return every > 0 && done > 0 && done % every == 0;
  }

  Metrics learn() {
    try {
      return algorithm_.epoch(threads_);
    } catch (const RankLost&) {
      save_best();
      throw;
    } catch (const Error& error) {
      save_best();
      write_curve();
      throw Error(
          "epoch " + std::to_string(algorithm_.epochs_done() + 1), error.what(),
          saved_epoch_ == 0
              ? "nothing is learnt yet: change the settings and begin again, with --replace or another --out"
              : "the last good checkpoint, after epoch " + std::to_string(saved_epoch_) + ", is " + paths_.last());
    }
  }

  void evaluate(Metrics& metrics, Progress& progress) const {
    const int done = algorithm_.epochs_done();
    Evaluation e;
    e.mean = e.mean_length = std::nan("");
    if (done % algorithm_.settings().evaluate_every == 0) {
      e = algorithm_.evaluate(algorithm_.settings().evaluate_episodes, true, threads_);
      progress.say("epoch " + std::to_string(done) + ": greedy return " + six_digits(e.mean) + " over " +
                   std::to_string(e.episodes) + " episodes");
    }
    metrics.emplace_back("eval/mean_reward", e.mean);
    metrics.emplace_back("eval/mean_ep_length", e.mean_length);
  }

  void write_gif() const {
    const std::string epoch = std::to_string(algorithm_.epochs_done());
    const std::string title = algorithm_.settings().recipe + ", epoch " + epoch;
    write_text(paths_.file("epoch-" + epoch + ".gif"), draw_films({film(algorithm_, title, {})}, {}));
  }

  /// What another process was told to stop for.
  static void heed(int signal, const StopSignals& signals) {
    if (signal != 0) signals.note(signal);
  }

  State checkpoint() const {
    if (options_.ranks) options_.ranks->save();
    return checkpoint_of(algorithm_);
  }

  State snapshot() const {
    State state = checkpoint();
    state.put("run.best", best_);
    state.put("run.seconds", std::vector<double>{seconds_before_ + seconds_since(begin_)});
    state.put("run.episodes", std::vector<std::int64_t>{log_.episodes()});
    if (gradients_) gradients_->save(state);
    return state;
  }

  void save_best() {
    if (best_state_) best_state_->save(paths_.best());
    best_state_.reset();
  }

  // The best one first: a run killed between the two goes on from the older last and makes the same best again.
  void save() {
    save_best();
    log_.sync();
    snapshot().save(paths_.last());
    saved_epoch_ = algorithm_.epochs_done();
  }

  void write_curve() const {
    if (algorithm_.epochs_done() > 0) write_run_curve(algorithm_, paths_);
  }

  void finish() {
    RunEnd end;
    end.seconds = seconds_before_ + seconds_since(begin_);
    end.threads = threads_;
    end.ranks = options_.ranks ? options_.ranks->size() : 0;
    end.best_epoch = static_cast<int>(best_[1]);
    end.best_mean = best_[0];
    const std::string words = sum_up(algorithm_, paths_, end);
    if (options_.quiet) return;
    if (gradients_) std::cout << gradients_->words() << "\n";
    if (const std::string why = stall_.since() > 0 ? why_no_gradient(algorithm_) : ""; !why.empty())
      std::cout << "it stopped learning at epoch " << stall_.since() << ": " << why << "\n";
    std::cout << words << paths_.folder << ": curve.png, metrics.csv, episodes.csv, summary.json and the checkpoints\n";
  }

  Algorithm& algorithm_;
  RunPaths paths_;
  RunLog log_;
  TrainOptions options_;
  int threads_ = 1;
  StallWatch stall_;
  std::unique_ptr<GradientMetrics> gradients_;    ///< null unless the settings ask
  std::vector<double> best_ = {std::nan(""), 0};  ///< mean return of the best epoch, and its number
  std::unique_ptr<State> best_state_;             ///< of that epoch, until it is saved
  int saved_epoch_ = 0;
  double seconds_before_ = 0;
  Clock::time_point begin_ = Clock::now();
};

/// From now on the other processes do as this one does.
void tell(Algorithm& algorithm, const RunPaths& paths, const TrainOptions& options) {
  if (options.ranks) options.ranks->begin(algorithm, paths.folder);
}

int begin(Algorithm& algorithm, const RunPaths& paths, const TrainOptions& options) {
  tell(algorithm, paths, options);
  return Run(algorithm, paths, RunLog(paths, algorithm.settings().log), options).go();
}

}  // namespace

int train(const TrainSettings& settings, const TrainOptions& options) {
  const Registry environments = all_environments();
  const auto algorithm = make_algorithm_on(options.device, settings, environments, ranks_of(options));
  const bool named = !options.out.empty();
  const std::string wanted = named ? options.out : run_folder_name(settings.recipe, settings.seed);
  const bool number = !named && options.if_there == IfThere::refuse;
  const RunPaths paths{make_run_folder(wanted, number ? IfThere::number : options.if_there)};
  const FolderLock lock(paths.folder, 0);
  TrainSettings written = settings;
  write_text(paths.hparams(), write_settings(fields_of(written)));
  return begin(*algorithm, paths, options);
}

int resume(const std::string& run, const TrainOptions& options) {
  const RunPaths paths{run_folder_of(run)};
  const FolderLock lock(paths.folder, 0);
  remove_unfinished(paths);
  const Registry environments = all_environments();
  if (std::filesystem::is_directory(run) && !std::filesystem::exists(paths.inside(paths.last())) &&
      std::filesystem::exists(paths.inside(paths.hparams())))
    return begin(
        *make_algorithm_on(options.device, recipe_settings(paths.hparams(), ""), environments, ranks_of(options)),
        paths, options);
  const Loaded loaded = load_checkpoint(run, environments, options.device, ranks_of(options));
  check_same_run(paths, loaded.settings);
  const RunMark mark{loaded.algorithm->epochs_done(), counts(loaded.state, "run.episodes", 1)[0],
                     loaded.algorithm->steps_done()};
  RunLog log(paths, loaded.settings.log, mark);
  tell(*loaded.algorithm, paths, options);
  Run going(*loaded.algorithm, paths, std::move(log), options);
  going.restore(loaded.state);
  return going.nothing_left() ? 0 : going.go();
}

}  // namespace pigrad::app
