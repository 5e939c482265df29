#include "groups.hpp"

#include <algorithm>
#include <filesystem>

#include "../../core/error.hpp"
#include "../../core/nearest.hpp"
#include "../recipes.hpp"
#include "../run_folder.hpp"
#include "grid.hpp"

namespace pigrad::app {
namespace fs = std::filesystem;
namespace {

bool is_run(const fs::path& folder) {
  return fs::exists(folder / "metrics.csv") && fs::exists(folder / "hparams.yaml");
}

FoundRun read_run(const std::string& folder) {
  FoundRun run{folder, {}};
  TrainSettings settings = recipe_settings(RunPaths{folder}.hparams(), "");
  for (const Field& field : fields_of(settings)) run.settings[field.key] = field.text();
  return run;
}

std::vector<std::string> differing(const std::vector<FoundRun>& runs) {
  std::vector<std::string> keys;
  TrainSettings settings;
  for (const Field& field : fields_of(settings)) {
    if (field.key == "seed" || changes_no_result(field.key)) continue;
    const auto same = [&](const FoundRun& run) { return run.settings.at(field.key) == runs[0].settings.at(field.key); };
    if (!std::all_of(runs.begin(), runs.end(), same)) keys.push_back(field.key);
  }
  // A recipe's or a variant's name says in one word what a dozen keys say.
  const bool variants_differ = std::find(keys.begin(), keys.end(), "variant") != keys.end();
  const bool recipes_differ = std::find(keys.begin(), keys.end(), "recipe") != keys.end();
  if (!variants_differ && !recipes_differ) return keys;
  std::vector<std::string> names;
  if (recipes_differ) names.emplace_back("recipe");
  if (variants_differ) names.emplace_back("variant");
  const auto told = [&](const FoundRun& a, const FoundRun& b, const std::string& key) {
    return a.settings.at(key) == b.settings.at(key) ||
           std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return a.settings.at(name) != b.settings.at(name); });
  };
  std::vector<std::string> kept = names;
  for (const std::string& key : keys) {
    bool needed = false;
    for (const FoundRun& a : runs)
      for (const FoundRun& b : runs) needed = needed || !told(a, b, key);
    if (needed && std::find(kept.begin(), kept.end(), key) == kept.end()) kept.push_back(key);
  }
  return kept;
}

}  // namespace

bool changes_no_result(const std::string& key) {
  static const std::vector<std::string> keys = {"threads",          "evaluate_episodes", "evaluate_every",
                                                "checkpoint_every", "checkpoints_kept",  "source_metrics",
                                                "source_figure",    "gif_every",         "log"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::vector<FoundRun> find_runs(const std::vector<std::string>& paths) {
  std::vector<std::string> folders;
  for (const std::string& path : paths) {
    std::error_code fault;
    if (!fs::is_directory(path, fault))
      throw Error(path, "there is no such folder", "give run folders, or folders that hold some");
    if (is_run(path)) {
      folders.push_back(run_folder_of(path));
      continue;
    }
    const std::size_t before = folders.size();
    for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied))
      if (entry.is_directory() && is_run(entry.path())) folders.push_back(entry.path().string());
    if (folders.size() == before)
      throw Error(path, "it holds no run", "give a folder with a metrics.csv and an hparams.yaml in it or below it");
    std::sort(folders.begin() + static_cast<std::ptrdiff_t>(before), folders.end());
  }
  std::vector<FoundRun> runs;
  for (const std::string& folder : folders) {
    const auto same = [&](const FoundRun& run) { return run.folder == folder; };
    if (std::none_of(runs.begin(), runs.end(), same)) runs.push_back(read_run(folder));
  }
  return runs;
}

std::vector<Group> group_runs(const std::vector<FoundRun>& runs, std::vector<std::string> keys) {
  TrainSettings settings;
  std::vector<std::string> known;
  for (const Field& field : fields_of(settings)) known.push_back(field.key);
  for (const std::string& key : keys)
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw Error("--by " + key, "there is no such setting", did_you_mean(key, known) + "see `pigrad list settings`");
  if (keys.empty()) keys = differing(runs);
  std::vector<Group> groups;
  for (const FoundRun& run : runs) {
    Assignments values;
    for (const std::string& key : keys) values.emplace_back(key, run.settings.at(key));
    std::string label = label_of(values);
    if (label.empty()) label = run.settings.at("recipe") + " (" + run.settings.at("variant") + ")";
    const auto there = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.label == label; });
    if (there == groups.end()) {
      groups.push_back({label, {&run}});
    } else {
      there->runs.push_back(&run);
    }
  }
  return groups;
}

}  // namespace pigrad::app
