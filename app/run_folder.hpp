#pragma once
#include <memory>
#include <string>

#include "../rl/algorithm.hpp"
#include "csv.hpp"
#include "event_file.hpp"

namespace pigrad::app {

/// Where a run's files are: hparams.yaml, metrics.csv, episodes.csv, last.safetensors, best.safetensors,
/// epoch-N.safetensors, curve.svg, curve.png, summary.json; where asked for, events.out.tfevents.… and epoch-N.gif.
struct RunPaths {
  std::string folder;
  std::string file(const std::string& name) const { return folder + "/" + name; }
  /// A file that is there to be read. Throws Error if it is a link that leads out of the folder, or to nothing.
  std::string inside(const std::string& path) const;
  std::string hparams() const { return file("hparams.yaml"); }
  std::string metrics() const { return file("metrics.csv"); }
  std::string episodes() const { return file("episodes.csv"); }
  std::string last() const { return file("last.safetensors"); }
  std::string best() const { return file("best.safetensors"); }
  std::string summary() const { return file("summary.json"); }
};

/// A checkpoint read back: the algorithm as it was, and the settings that the file carries.
struct Loaded {
  TrainSettings settings;
  State state;
  std::unique_ptr<Algorithm> algorithm;
};

/// The algorithm with its settings inside: the file alone is enough to evaluate, play, export or resume.
State checkpoint_of(const Algorithm& algorithm);
/// Keeps last.safetensors as epoch-N.safetensors too, and of those the `kept` newest.
void keep_checkpoint(const RunPaths& paths, int epoch, int kept);
/// The epoch-N.safetensors of a run, by N.
std::vector<std::string> kept_checkpoints(const RunPaths& paths);
/// @param run a run folder, whose last checkpoint is taken, or a checkpoint file
/// @param device and ranks: see make_algorithm_on
/// Throws Error if there is none, or it is damaged, of another version, or does not fit its own settings.
Loaded load_checkpoint(const std::string& run, const Registry& environments, const std::string& device = "cpu",
                       int ranks = 1);
/// The same of a State that is there already; `where` names it in messages. Nothing is made that has more numbers than
/// the state, beyond a small size.
Loaded load_checkpoint(State state, const std::string& where, const Registry& environments,
                       const std::string& device = "cpu", int ranks = 1);
/// The checkpoint file that `run` names.
std::string checkpoint_path(const std::string& run);
/// The folder of the run, where `run` names it or a checkpoint in it.
std::string run_folder_of(const std::string& run);
/// Throws Error, before any file of the run is touched, if its hparams.yaml has other settings than the checkpoint.
void check_same_run(const RunPaths& paths, TrainSettings of_checkpoint);
/// Removes the temporary files that a killed run left.
void remove_unfinished(const RunPaths& paths);

/// How far a run was when it was saved.
struct RunMark {
  std::int64_t epochs = 0, episodes = 0, steps = 0;
};

/// The rows that a run writes as it goes.
class RunLog {
 public:
  /// Begins anew, and removes the files of a run that saved nothing, or goes on after `mark`.
  /// @param kinds as TrainSettings::log
  /// Throws Error if files to go on with are missing or hold less.
  RunLog(const RunPaths& paths, const std::string& kinds, const RunMark& mark = {});

  /// @param steps environment steps of the whole run
  void epoch(int epoch, std::int64_t steps, const Metrics& metrics, const std::vector<Episode>& episodes);
  /// Puts the rows on the disk, so that no checkpoint outlives them.
  void sync();
  std::int64_t episodes() const { return episodes_ ? episodes_->rows() : 0; }

 private:
  RunPaths paths_;
  std::unique_ptr<CsvWriter> metrics_, episodes_;
  std::unique_ptr<EventFile> events_;  ///< from the first epoch on
  bool with_events_;
  std::int64_t steps_before_;
};

}  // namespace pigrad::app
