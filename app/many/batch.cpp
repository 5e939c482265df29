#include "batch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "../../core/error.hpp"
#include "../../core/nearest.hpp"
#include "../../core/parallel.hpp"
#include "../../rl/algorithm.hpp"
#include "../environments.hpp"
#include "../files.hpp"
#include "../progress.hpp"
#include "../run_folder.hpp"
#include "../settings.hpp"
#include "../signals.hpp"
#include "pool.hpp"
#include "scores.hpp"
#include "watch.hpp"

namespace pigrad::app {
namespace fs = std::filesystem;
namespace {

std::string text_of(TrainSettings settings) { return write_settings(fields_of(settings)); }

std::string last_line(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) last = line;
  return last;
}

/// Each run's settings lie in its folder before it starts: then `train --resume` begins it or goes on with it.
void prepare(const RunPaths& paths, const TrainSettings& settings) {
  std::error_code fault;
  const std::string text = text_of(settings);
  if (fs::exists(paths.hparams(), fault)) {
    if (read_text(paths.hparams()) != text)
      throw Error(paths.folder, "a run with other settings is there", "give another folder with --out");
    return;
  }
  make_batch_folder(paths.folder);
  remove_unfinished(paths);
  write_text(paths.hparams(), text);
}

class Batch {
 public:
  Batch(const std::string& folder, const std::vector<PlannedRun>& runs, const BatchOptions& options)
      : folder_(folder), runs_(runs), options_(options) {
    end_.runs.resize(runs.size());
    for (const PlannedRun& run : runs) {
      watches_.emplace_back(paths(run).metrics());
      epochs_ += run.settings.epochs;
    }
    if (options_.program.empty()) options_.program = own_program();
    if (options_.jobs < 1) options_.jobs = hardware_threads();
  }

  BatchEnd go() {
    for (const PlannedRun& run : runs_) prepare(paths(run), run.settings);
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (fs::exists(paths(runs_[i]).summary())) end_.runs[i].finished = true, ++done_;
      watches_[i].look();
    }
    StopSignals signals(options_.quiet ? nullptr
                                       : "\npigrad: stopping: the runs at work finish their epoch and save; a second "
                                         "signal stops waiting for them\n");
    Progress progress(standard_output(options_.quiet), epochs_, epochs(), steps());
    if (!options_.quiet)
      progress.say(std::to_string(runs_.size()) + " runs in " + folder_ + ", " + std::to_string(done_) +
                   " of them finished; " + std::to_string(options_.jobs) + " at a time, one thread each");
    work(signals, progress);
    progress.finish();
    progress.say(std::to_string(done_) + " of " + std::to_string(runs_.size()) + " runs finished");
    end_.stopped = signals.exit_status();
    if (end_.stopped != 0 && !options_.quiet)
      std::cerr << "pigrad: " << signals.name() << ": stopped with " << done_ << " of " << runs_.size()
                << " runs finished, the others saved; go on with `" << options_.again << "`\n";
    return std::move(end_);
  }

 private:
  RunPaths paths(const PlannedRun& run) const { return {folder_ + "/" + run.name}; }
  std::string log(std::size_t i) const { return paths(runs_[i]).file("log.txt"); }

  void work(const StopSignals& signals, Progress& progress) {
    Pool pool;
    std::size_t next = 0;
    bool told = false;
    for (;;) {
      while (!signals.requested() && pool.running() < options_.jobs && next < runs_.size()) {
        if (!end_.runs[next].finished)
          pool.start(static_cast<int>(next),
                     {options_.program, "train", "--resume", paths(runs_[next]).folder, "--threads", "1", "--quiet"},
                     log(next));
        ++next;
      }
      if (signals.requested() && !told) {
        pool.signal(signals.signal());
        told = true;
      }
      while (const auto ended = pool.ended()) close(*ended, signals.requested(), progress);
      if (pool.running() == 0 && (signals.requested() || next == runs_.size())) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      show(pool, progress);
    }
    show(pool, progress);
  }

  void close(const Pool::Ended& ended, bool stopping, Progress& progress) {
    const auto i = static_cast<std::size_t>(ended.tag);
    watches_[i].look();
    RunEnd& run = end_.runs[i];
    run.finished = ended.status == 0 && fs::exists(paths(runs_[i]).summary());
    if (run.finished) {
      ++done_;
      std::error_code ignored;
      fs::remove(log(i), ignored);
      return;
    }
    if (stopping && (ended.status == 130 || ended.status == 143)) return;
    run.fault = last_line(log(i));
    if (run.fault.starts_with("pigrad: ")) run.fault.erase(0, 8);
    if (run.fault.empty()) run.fault = "it ended with status " + std::to_string(ended.status) + " and no word";
    ++end_.failed;
    progress.say(runs_[i].name + " failed: " + run.fault);
  }

  void show(const Pool& pool, Progress& progress) {
    for (const int tag : pool.tags()) watches_[static_cast<std::size_t>(tag)].look();
    progress.note("runs " + std::to_string(done_) + "/" + std::to_string(runs_.size()) +
                  (end_.failed > 0 ? ", " + std::to_string(end_.failed) + " failed" : ""));
    progress.update(epochs(), steps());
  }

  int epochs() const {
    int sum = 0;
    for (const Watch& watch : watches_) sum += watch.epochs();
    return sum;
  }
  std::int64_t steps() const {
    std::int64_t sum = 0;
    for (const Watch& watch : watches_) sum += watch.steps();
    return sum;
  }

  std::string folder_;
  const std::vector<PlannedRun>& runs_;
  BatchOptions options_;
  BatchEnd end_;
  std::vector<Watch> watches_;
  int epochs_ = 0, done_ = 0;
};

}  // namespace

void make_batch_folder(const std::string& folder) {
  std::error_code fault;
  fs::create_directories(folder, fault);
  if (fault)
    throw Error(folder, "the folder cannot be made (" + fault.message() + ")",
                "give another with --out, in a place where you may write");
}

void try_settings(const TrainSettings& settings) {
  const Registry environments = all_environments();
  make_algorithm(settings, environments);
}

void try_metric(const TrainSettings& settings, const std::string& metric) {
  if (metric == ScoreChoice().metric) return;
  const Registry environments = all_environments();
  std::vector<std::string> columns = {"time/time_elapsed"};
  if (settings.evaluate_every > 0) columns.insert(columns.end(), {"eval/mean_reward", "eval/mean_ep_length"});
  try {
    for (const auto& [name, value] : make_algorithm(settings, environments)->epoch(hardware_threads()))
      columns.push_back(name);
  } catch (const Error&) {
    return;  // the run will say so itself, and the others go on
  }
  if (std::find(columns.begin(), columns.end(), metric) != columns.end()) return;
  const bool evaluation = metric.starts_with("eval/");
  std::sort(columns.begin(), columns.end());
  std::string all;
  for (const std::string& name : columns) all += (all.empty() ? "" : ", ") + name;
  throw Error("--metric " + metric, "runs of " + settings.algorithm + " have no such column",
              evaluation ? "set evaluate_every=N to have runs evaluated on the way, or use --score greedy"
                         : did_you_mean(metric, columns) + "use one of: " + all);
}

BatchEnd run_batch(const std::string& folder, const std::vector<PlannedRun>& runs, const BatchOptions& options) {
  make_batch_folder(folder);
  // Those that a killed batch left behind finish their epoch first.
  constexpr double patience = 30;
  const FolderLock lock(folder, patience);
  return Batch(folder, runs, options).go();
}

}  // namespace pigrad::app
