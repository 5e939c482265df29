#pragma once
#include <map>
#include <string>
#include <vector>

namespace pigrad::app {

/// A run folder and every setting of its hparams.yaml as text.
struct FoundRun {
  std::string folder;
  std::map<std::string, std::string> settings;
};

/// The runs that the paths name: a path is a run's folder or holds some, at any depth. In the order of their names.
/// Throws Error where a path holds none.
std::vector<FoundRun> find_runs(const std::vector<std::string>& paths);

/// Runs that are to be one line.
struct Group {
  std::string label;
  std::vector<const FoundRun*> runs;
};

/// Runs with the same values of the keys; of all settings in which they differ (but the seed, and what changes no
/// result) where `keys` is empty. Throws Error for an unknown key.
std::vector<Group> group_runs(const std::vector<FoundRun>& runs, std::vector<std::string> keys);

/// Settings that change what is kept or reported of a run, or how fast it is, but not what it learns.
bool changes_no_result(const std::string& key);

}  // namespace pigrad::app
