#pragma once
#include <string>
#include <vector>

#include "plan.hpp"
#include "statistics.hpp"

namespace pigrad::app {

/// A run that did not finish.
struct Failure {
  std::int64_t seed = 0;
  std::string words;
};

/// One setting of a sweep and what came of its runs.
struct SettingResult {
  Assignments assignments;
  std::string folder;               ///< of its runs, below the sweep's; empty: the sweep's own
  std::vector<std::int64_t> seeds;  ///< of the runs that finished
  std::vector<RunScore> runs;       ///< theirs
  std::vector<Failure> failures;
  Description description;  ///< of the finished runs' scores
  std::vector<double> scores() const;
};

/// The folder of a setting's run, below the sweep's.
std::string run_name(const Assignments& assignments, std::int64_t seed);

/// The setting with the greatest interquartile mean; one with failures only where all have some. −1 where none has a
/// score.
int best_of(const std::vector<SettingResult>& results);

/// The scores of all settings that share a value of an axis: what the axis does, whatever the others are.
struct ValueResult {
  std::string key, value;
  double iqm = 0;
  Interval interval;  ///< bootstrapped within each setting
};
std::vector<ValueResult> by_value(const std::vector<SettingResult>& results);

/// Which setting is best, by how much, and whether the seeds tell it from the next, in one or two sentences.
std::string best_in_words(const std::vector<SettingResult>& results, const ScoreChoice& score);

/// Writes runs.csv, table.csv, values.csv, scores.svg/png (each setting's interval) and curves.svg/png into the sweep's
/// folder, and returns the table, what each axis does and the best setting as text for people.
std::string write_report(const std::string& folder, const SweepPlan& plan, const std::vector<SettingResult>& results);

}  // namespace pigrad::app
