#include "run_folder.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "../core/error.hpp"
#include "../core/nearest.hpp"
#include "../rl/footprint.hpp"
#include "devices.hpp"
#include "files.hpp"
#include "recipes.hpp"
#include "settings.hpp"

namespace pigrad::app {
namespace fs = std::filesystem;
namespace {

const std::vector<std::string> episode_columns = {"epoch", "return", "length", "truncated"};

std::vector<std::string> metric_columns(const Metrics& metrics) {
  std::vector<std::string> columns = {"epoch"};
  for (const auto& metric : metrics) columns.push_back(metric.first);
  return columns;
}

std::vector<int> kept_epochs(const RunPaths& paths) {
  std::vector<int> epochs;
  std::error_code fault;
  for (const auto& entry : fs::directory_iterator(paths.folder, fault)) {
    const std::string name = entry.path().filename().string();
    int n = 0, used = 0;
    if (std::sscanf(name.c_str(), "epoch-%d.safetensors%n", &n, &used) == 1 && used == static_cast<int>(name.size()))
      epochs.push_back(n);
  }
  std::sort(epochs.begin(), epochs.end());
  return epochs;
}

std::string epoch_file(const RunPaths& paths, int epoch) {
  return paths.file("epoch-" + std::to_string(epoch) + ".safetensors");
}

// Runs beside the one that was named, those in runs/, and recipes are what it may have been meant to be.
[[noreturn]] void refuse_missing(const std::string& run) {
  if (run.empty()) throw Error("the run", "its name is empty", "give a run folder or a .safetensors file");
  std::vector<std::string> known, names;
  std::error_code fault;
  for (const Recipe& recipe : recipes()) names.push_back(recipe.name);
  if (std::find(names.begin(), names.end(), run) != names.end())
    throw Error(run, "it is a recipe, and no run or checkpoint of that name is there",
                "give one of its runs, such as runs/" + run + "-seed1, or make one with `pigrad train " + run + "`");
  const fs::path parent = fs::path(run).parent_path();
  for (const fs::path& folder : {parent, fs::path("runs")})
    for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, fault)) {
      const std::string name = entry.path().lexically_normal().string();
      known.push_back(name);
      if (folder != parent) known.push_back(entry.path().filename().string());
    }
  std::string guess = nearest(run, known);
  if (!guess.empty() && !fs::exists(guess, fault)) guess = "runs/" + guess;
  if (guess.empty()) guess = nearest(run, names);
  throw Error(run, "there is no such run or checkpoint",
              (guess.empty() ? "" : "did you mean \"" + guess + "\"? ") +
                  "give a run folder or a .safetensors file; `pigrad train RECIPE` makes one");
}

// A terminal obeys control characters, and settings are shown on it.
void check_printable(const Field& field, const std::string& where) {
  const auto* text = std::get_if<std::string*>(&field.value);
  if (text == nullptr) return;
  if (std::any_of((*text)->begin(), (*text)->end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    throw Error(where, "its setting " + field.key + " holds control characters", "give a file that a run has written");
}

// What the settings would make, before any of it is made: a network or copies for which the file has no numbers are not
// those that wrote it.
void check_sizes(const Loaded& loaded, const std::string& where, const Registry& environments) {
  constexpr double small = 1 << 20;
  const auto held = static_cast<double>(loaded.state.numbers());
  for (const Footprint& one : footprints(loaded.settings, environments.spec(loaded.settings.environment), true))
    if ((one.key.ends_with(".hidden") || one.key == "copies") && one.count > std::max(held, small))
      throw Error(where,
                  "its settings ask for " + shortest(one.count) + " " + one.words + ", and it holds " + shortest(held) +
                      " numbers",
                  "use a checkpoint of these settings");
}

}  // namespace

State checkpoint_of(const Algorithm& algorithm) {
  TrainSettings settings = algorithm.settings();
  State state;
  algorithm.save(state);
  state.put("settings", write_settings(fields_of(settings)));
  return state;
}

void keep_checkpoint(const RunPaths& paths, int epoch, int kept) {
  std::error_code fault;
  const auto file = [&](int n) { return epoch_file(paths, n); };
  if (kept > 0) {
    fs::remove(file(epoch), fault);
    fs::create_hard_link(paths.last(), file(epoch), fault);
    // A file system without hard links.
    if (fault) write_text(file(epoch), read_text(paths.last()));
  }
  std::vector<int> older;
  for (const int n : kept_epochs(paths))
    if (n <= epoch) older.push_back(n);
  std::sort(older.rbegin(), older.rend());
  for (std::size_t i = static_cast<std::size_t>(kept); i < older.size(); ++i) fs::remove(file(older[i]), fault);
}

std::vector<std::string> kept_checkpoints(const RunPaths& paths) {
  std::vector<std::string> files;
  for (const int epoch : kept_epochs(paths)) files.push_back(epoch_file(paths, epoch));
  return files;
}

std::string checkpoint_path(const std::string& run) {
  std::error_code fault;
  if (!fs::exists(run, fault)) refuse_missing(run);
  if (!fs::is_directory(run, fault)) return run;
  const RunPaths paths{run_folder_of(run)};
  if (!fs::exists(paths.last(), fault))
    throw Error(run, "it has no last.safetensors", "give the folder of a run that has saved a checkpoint");
  return paths.inside(paths.last());
}

std::string run_folder_of(const std::string& run) {
  std::error_code fault;
  if (fs::is_directory(run, fault)) {
    std::string bare = run;
    while (bare.size() > 1 && bare.back() == '/') bare.pop_back();
    return bare;
  }
  const fs::path folder = fs::path(run).parent_path();
  return folder.empty() ? "." : folder.string();
}

void check_same_run(const RunPaths& paths, TrainSettings of_checkpoint) {
  if (!fs::exists(paths.inside(paths.hparams()))) return;
  TrainSettings of_run = recipe_settings(paths.hparams(), "");
  const auto mine = fields_of(of_run), other = fields_of(of_checkpoint);
  for (std::size_t i = 0; i < mine.size(); ++i)
    if (mine[i].text() != other[i].text())
      throw Error(paths.hparams(),
                  mine[i].key + " is " + mine[i].text() + " there, and " + other[i].text() + " in the checkpoint",
                  "go on with a checkpoint of this run, or begin another: `pigrad train " + paths.hparams() + "`");
}

void remove_unfinished(const RunPaths& paths) {
  std::error_code fault;
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(paths.folder, fault))
    if (entry.path().filename().string().find(".writing-") != std::string::npos) left.push_back(entry.path());
  for (const fs::path& path : left) fs::remove(path, fault);
}

std::string RunPaths::inside(const std::string& path) const {
  if (!fs::is_symlink(fs::symlink_status(path))) return path;
  std::error_code fault;
  const fs::path home = fs::canonical(folder, fault), target = fs::canonical(path, fault);
  if (fault || target.parent_path() != home)
    throw Error(path, "it is a link that leads out of the run folder",
                "give the file that is meant by its own name, or copy it here");
  return path;
}

Loaded load_checkpoint(const std::string& run, const Registry& environments, const std::string& device, int ranks) {
  const std::string path = checkpoint_path(run);
  return load_checkpoint(State::load(path), path, environments, device, ranks);
}

Loaded load_checkpoint(State state, const std::string& where, const Registry& environments, const std::string& device,
                       int ranks) {
  Loaded loaded;
  loaded.state = std::move(state);
  const auto fields = fields_of(loaded.settings);
  parse_settings(fields, loaded.state.words("settings"), where);
  for (const Field& field : fields) {
    field.check();
    check_printable(field, where);
  }
  check_sizes(loaded, where, environments);
  loaded.algorithm = make_algorithm_on(device, loaded.settings, environments, ranks);
  loaded.algorithm->load(loaded.state);
  return loaded;
}

RunLog::RunLog(const RunPaths& paths, const std::string& kinds, const RunMark& mark)
    : paths_(paths), with_events_(kinds.find("tensorboard") != std::string::npos), steps_before_(mark.steps) {
  if (mark.epochs == 0) {
    std::error_code fault;
    for (const std::string& file : {paths.metrics(), paths.episodes()}) fs::remove(file, fault);
    EventFile::remove_all(paths.folder);
  } else {
    for (const std::string& file : {paths.metrics(), paths.episodes()})
      if (!fs::exists(paths.inside(file)))
        throw Error(file, "it is missing, and the run's first " + std::to_string(mark.epochs) + " epochs with it",
                    "put it back, or begin anew with `pigrad train " + paths.hparams() + "`");
    metrics_ =
        std::make_unique<CsvWriter>(CsvWriter::resume(paths.metrics(), read_csv(paths.metrics()).columns, mark.epochs));
    episodes_ = std::make_unique<CsvWriter>(CsvWriter::resume(paths.episodes(), episode_columns, mark.episodes));
  }
}

void RunLog::sync() {
  if (metrics_) metrics_->sync();
  if (episodes_) episodes_->sync();
  if (events_) events_->sync();
}

void RunLog::epoch(int epoch, std::int64_t steps, const Metrics& metrics, const std::vector<Episode>& episodes) {
  if (!metrics_) {
    metrics_ = std::make_unique<CsvWriter>(paths_.metrics(), metric_columns(metrics));
    episodes_ = std::make_unique<CsvWriter>(paths_.episodes(), episode_columns);
  }
  std::vector<Cell> cells = {epoch};
  for (const auto& metric : metrics) cells.emplace_back(metric.second);
  metrics_->row(cells);
  for (const Episode& e : episodes) episodes_->row({epoch, e.total, e.length, e.truncated ? 1 : 0});
  if (!with_events_) return;
  if (!events_) events_ = std::make_unique<EventFile>(paths_.folder, steps_before_);
  events_->scalars(steps, metrics);
}

}  // namespace pigrad::app
