#pragma once
#include <string>
#include <vector>

#include "../../rl/settings.hpp"

namespace pigrad::app {

/// A run that a batch is to have: a run folder below the batch's, and its settings.
struct PlannedRun {
  std::string name;  ///< "learning_rate=0.1/seed7"
  TrainSettings settings;
};

/// How a run ended.
struct RunEnd {
  bool finished = false;
  std::string fault;  ///< the last line that it said, where it did not finish
};

struct BatchOptions {
  int jobs = 0;  ///< runs at a time; 0: as many as cores
  bool quiet = false;
  std::string again;    ///< the command that goes on after a stop
  std::string program;  ///< what trains; empty: this program
};

struct BatchEnd {
  std::vector<RunEnd> runs;
  int failed = 0;
  int stopped = 0;  ///< exit status after SIGINT or SIGTERM; 0 where none came
};

/// Brings every run of the batch to its end, each a process of one thread, several side by side. A run that is finished
/// is left alone, one that was begun goes on from its checkpoint, bit for bit. One that fails is reported, and the
/// others go on. The first SIGINT or SIGTERM lets the running ones finish their epoch and save.
/// Throws Error before anything starts if a run's folder holds other settings than planned, or cannot be made.
BatchEnd run_batch(const std::string& folder, const std::vector<PlannedRun>& runs, const BatchOptions& options);

/// Throws Error if the algorithm refuses the settings.
void try_settings(const TrainSettings& settings);

/// Throws Error, with the nearest column, if runs of these settings write no column `metric` into metrics.csv. Where it
/// is one that not every run has, it is found out by an epoch that leaves no file.
void try_metric(const TrainSettings& settings, const std::string& metric);

/// Makes the batch's folder with its parents. Throws Error unless it may be written.
void make_batch_folder(const std::string& folder);

}  // namespace pigrad::app
