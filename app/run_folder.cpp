#include "run_folder.hpp"

#include <filesystem>

#include "../core/error.hpp"
#include "settings.hpp"

namespace pigrad::app {
namespace {

const std::vector<std::string> episode_columns = {"epoch", "return", "length", "truncated"};

std::vector<std::string> metric_columns(const Metrics& metrics) {
  std::vector<std::string> columns = {"epoch"};
  for (const auto& metric : metrics) columns.push_back(metric.first);
  return columns;
}

}  // namespace

void save_checkpoint(const std::string& path, const Algorithm& algorithm, State state) {
  TrainSettings settings = algorithm.settings();
  algorithm.save(state);
  state.put("settings", write_settings(fields_of(settings)));
  state.save(path);
}

std::string checkpoint_path(const std::string& run) {
  namespace fs = std::filesystem;
  if (!fs::exists(run))
    throw Error(run, "there is no such run or checkpoint", "give a run folder or a .safetensors file");
  if (!fs::is_directory(run)) return run;
  const RunPaths paths{run};
  if (!fs::exists(paths.last()))
    throw Error(run, "it has no last.safetensors", "give the folder of a run that has saved a checkpoint");
  return paths.last();
}

Loaded load_checkpoint(const std::string& run, const Registry& environments) {
  Loaded loaded;
  const std::string path = checkpoint_path(run);
  loaded.state = State::load(path);
  const auto fields = fields_of(loaded.settings);
  parse_settings(fields, loaded.state.words("settings"), path);
  for (const Field& field : fields) field.check();
  loaded.algorithm = make_algorithm(loaded.settings, environments);
  loaded.algorithm->load(loaded.state);
  return loaded;
}

RunLog::RunLog(const RunPaths& paths, std::int64_t epochs, std::int64_t episodes) : paths_(paths) {
  metrics_ = std::make_unique<CsvWriter>(CsvWriter::resume(paths.metrics(), read_csv(paths.metrics()).columns, epochs));
  episodes_ = std::make_unique<CsvWriter>(CsvWriter::resume(paths.episodes(), episode_columns, episodes));
}

void RunLog::epoch(int epoch, const Metrics& metrics, const std::vector<Episode>& episodes) {
  if (!metrics_) {
    metrics_ = std::make_unique<CsvWriter>(paths_.metrics(), metric_columns(metrics));
    episodes_ = std::make_unique<CsvWriter>(paths_.episodes(), episode_columns);
  }
  std::vector<Cell> cells = {epoch};
  for (const auto& metric : metrics) cells.emplace_back(metric.second);
  metrics_->row(cells);
  for (const Episode& e : episodes) episodes_->row({epoch, e.total, e.length, e.truncated ? 1 : 0});
}

}  // namespace pigrad::app
