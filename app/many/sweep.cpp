#include "sweep.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

#include "../../core/error.hpp"
#include "../files.hpp"
#include "../run_folder.hpp"
#include "../unread.hpp"
#include "refine.hpp"
#include "report.hpp"

namespace pigrad::app {
namespace {

class Sweep {
 public:
  Sweep(SweepPlan plan, const SweepOptions& options) : plan_(std::move(plan)), options_(options) {
    folder_ = options.out.empty() ? "runs/sweep-" + plan_.name : options.out;
    while (folder_.size() > 1 && folder_.back() == '/') folder_.pop_back();
    options_.batch.again = "pigrad sweep --resume " + folder_;
    plan_.axes = canonical(plan_.base, plan_.axes);
    add(expand(plan_.axes));
    check_settings();
  }

  int go() {
    make_batch_folder(folder_);
    write_text(folder_ + "/sweep.yaml", write_plan(plan_));
    for (int round = 0;; ++round) {
      const int stopped = run();
      if (stopped != 0) return stopped;
      if (round == plan_.refine || !finer(round + 1)) break;
    }
    const std::string report = write_report(folder_, plan_, results_);
    if (!options_.batch.quiet)
      std::cout << "\n" << report << folder_ << ": table.csv, runs.csv, scores.png, curves.png and the runs\n";
    return failed_ > 0 ? 1 : 0;
  }

 private:
  /// Refuses what would show only after training: settings that nothing reads, a score that no run has.
  void check_settings() const {
    std::vector<TrainSettings> all;
    for (const Assignments& one : tried_) {
      all.push_back(settings_of(plan_.base, one));
      for (const auto& [key, value] : one) refuse_unread({all.back()}, {key + "=" + value}, "--grid");
    }
    refuse_unread(all, plan_.base.set, "--set");
    if (plan_.score.how == "greedy") return;
    std::set<std::string> seen;
    for (const TrainSettings& one : all)
      if (seen.insert(one.algorithm + " " + one.source_figure + (one.evaluate_every > 0 ? " eval" : "")).second)
        try_metric(one, plan_.score.metric);
  }

  /// Settings that are not there yet, refused before any of them runs.
  bool add(const std::vector<Assignments>& more) {
    const std::size_t before = tried_.size();
    for (const Assignments& one : more) {
      if (std::find(tried_.begin(), tried_.end(), one) != tried_.end()) continue;
      TrainSettings settings = settings_of(plan_.base, one);
      try_settings(settings);
      plan_.score.note_run(settings.epochs);
      for (const std::int64_t seed : plan_.seeds) {
        settings.seed = seed;
        runs_.push_back({run_name(one, seed), settings});
      }
      tried_.push_back(one);
    }
    return tried_.size() > before;
  }

  int run() {
    const BatchEnd end = run_batch(folder_, runs_, options_.batch);
    if (end.stopped != 0) return end.stopped;
    failed_ = end.failed;
    results_.clear();
    for (std::size_t i = 0; i < runs_.size(); i += plan_.seeds.size()) {
      SettingResult result;
      result.assignments = tried_[i / plan_.seeds.size()];
      for (std::size_t k = 0; k < plan_.seeds.size(); ++k) {
        if (!end.runs[i + k].finished) {
          result.failures.push_back({plan_.seeds[k], end.runs[i + k].fault});
          continue;
        }
        result.seeds.push_back(plan_.seeds[k]);
        result.runs.push_back(read_score(folder_ + "/" + runs_[i + k].name, plan_.score));
      }
      result.description = describe({result.scores()});
      results_.push_back(std::move(result));
    }
    return 0;
  }

  bool finer(int round) {
    const int best = best_of(results_);
    if (best < 0) return false;
    const Assignments at = tried_[static_cast<std::size_t>(best)];
    const bool more = add(expand(refine(plan_.base, at, tried_)));
    if (!options_.batch.quiet)
      std::cout << "round " << round << ": " << (more ? "a finer mesh around " : "nothing finer around ")
                << label_of(at) << "\n";
    return more;
  }

  SweepPlan plan_;
  SweepOptions options_;
  std::string folder_;
  std::vector<Assignments> tried_;
  std::vector<PlannedRun> runs_;  ///< the seeds of the first setting, of the second, …
  std::vector<SettingResult> results_;
  int failed_ = 0;
};

}  // namespace

int sweep(SweepPlan plan, const SweepOptions& options) { return Sweep(std::move(plan), options).go(); }

SweepPlan plan_of_folder(const std::string& folder) {
  const std::string path = folder + "/sweep.yaml";
  if (!std::filesystem::exists(path))
    throw Error(folder, "no sweep was begun there", "give the folder of a sweep, or a recipe to begin one");
  return parse_plan(read_text(path), path);
}

}  // namespace pigrad::app
