#include "scores.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../../core/error.hpp"
#include "../csv.hpp"
#include "../files.hpp"
#include "../run_folder.hpp"
#include "statistics.hpp"

namespace pigrad::app {
namespace {

void flatten(const nlohmann::json& json, const std::string& prefix, std::map<std::string, double>& into) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) flatten(value, prefix + key + ".", into);
    if (value.is_number()) into[prefix + key] = value.get<double>();
  }
}

double score_of(const std::vector<double>& column, const ScoreChoice& choice) {
  std::vector<double> values;
  for (const double x : column)
    if (std::isfinite(x)) values.push_back(x);
  if (values.empty()) return std::nan("");
  if (choice.how == "best") return *std::max_element(values.begin(), values.end());
  return mean_of(
      {values.end() - static_cast<std::ptrdiff_t>(std::min(static_cast<std::size_t>(choice.epochs), values.size())),
       values.end()});
}

}  // namespace

std::string ScoreChoice::words() const {
  if (how == "greedy") return "greedy return after training";
  const std::string what = metric == "rollout/ep_rew_mean" ? "return" : metric;
  if (how == "best") return "greatest mean " + what + " of an epoch";
  const bool all_shorter = longest > 0 && longest < epochs;
  if (all_shorter && shortest == longest)
    return "mean " + what + (longest == 1 ? " of the one epoch" : " of all " + std::to_string(longest) + " epochs");
  if (all_shorter) return "mean " + what + " of all epochs";
  return "mean " + what + " of the last " +
         (epochs == 1    ? "epoch"
          : epochs == 10 ? "ten epochs"
                         : std::to_string(epochs) + " epochs") +
         (longest > 0 && shortest < epochs ? ", or all of a shorter run" : "");
}

void ScoreChoice::note_run(int run_epochs) {
  shortest = shortest > 0 ? std::min(shortest, run_epochs) : run_epochs;
  longest = std::max(longest, run_epochs);
}

const std::vector<std::string>& score_names() {
  static const std::vector<std::string> names = {"last", "best", "greedy"};
  return names;
}

std::map<std::string, double> read_numbers(const std::string& path) {
  const auto json = nlohmann::json::parse(read_text(path), nullptr, false);
  if (!json.is_object()) throw Error(path, "it is no JSON object", "remove it, and resume the run that made it");
  std::map<std::string, double> numbers;
  flatten(json, "", numbers);
  return numbers;
}

RunScore read_score(const std::string& run, const ScoreChoice& choice) {
  const RunPaths paths{run};
  RunScore result;
  if (std::filesystem::exists(paths.metrics())) {
    const CsvTable table = read_csv(paths.metrics());
    result.epochs = static_cast<int>(table.rows);
    if (table.contains("time/total_timesteps") && table.rows > 0)
      result.steps = table.at("time/total_timesteps").back();
    if (table.contains("time/time_elapsed") && table.rows > 0) result.seconds = table.at("time/time_elapsed").back();
    if (choice.how != "greedy") result.score = score_of(table.at(choice.metric), choice);
  }
  if (!std::filesystem::exists(paths.summary())) return result;
  const auto numbers = read_numbers(paths.summary());
  const auto greedy = numbers.find("final.greedy.mean");
  if (greedy != numbers.end()) result.greedy = greedy->second;
  if (choice.how == "greedy") result.score = result.greedy;
  return result;
}

std::string digits(double value) {
  if (!std::isfinite(value)) return "—";
  char text[40];
  const int size = value == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(value))));
  std::snprintf(text, sizeof text, "%.*f", std::clamp(3 - size, 0, std::abs(value) < 1 ? 4 : 2), value);
  std::string cut = text;
  if (cut.find('.') != std::string::npos) {
    cut.erase(cut.find_last_not_of('0') + 1);
    if (cut.back() == '.') cut.pop_back();
  }
  if (cut == "-0") cut = "0";
  return cut[0] == '-' ? "−" + cut.substr(1) : cut;
}

std::string with_interval(double value, double low, double high) {
  const bool below = low < 0;
  return digits(value) + " (" + digits(low) + (below ? " to " : "–") + digits(high) + ")";
}

}  // namespace pigrad::app
