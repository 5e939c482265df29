#include "results.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "../../core/error.hpp"
#include "../../core/whole_text.hpp"
#include "../csv_lines.hpp"
#include "../files.hpp"
#include "../recipes.hpp"
#include "../text.hpp"
#include "../versions.hpp"
#include "scores.hpp"
#include "statistics.hpp"

namespace pigrad::app {
namespace {

struct Row {
  TrainSettings settings;
  std::string refusal;  ///< why it cannot be run here
  std::size_t first_run = 0;
};

TrainSettings named(const std::string& name) {
  const auto colon = name.find(':');
  return recipe_settings(name.substr(0, colon), colon == std::string::npos ? "" : name.substr(colon + 1));
}

std::vector<std::string> every_variant() {
  std::vector<std::string> names;
  for (const Recipe& recipe : recipes()) {
    names.push_back(recipe.name);
    for (const auto& variant : recipe.variants) names.push_back(recipe.name + ":" + variant.first);
  }
  return names;
}

std::string spread(const std::vector<double>& values) {
  if (values.empty()) return "—";
  const auto q = [&](double share) { return digits(quantile_of(values, share)); };
  const char* to = quantile_of(values, 0) < 0 ? " to " : "–";
  return q(0.5) + " (" + q(0.25) + to + q(0.75) + "; " + q(0) + to + q(1) + ")";
}

std::string line(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string row_text(const Row& row, const std::vector<PlannedRun>& runs, const BatchEnd& end,
                     const ResultsOptions& options, const std::vector<Published>& published) {
  const TrainSettings& s = row.settings;
  Published known{s.recipe, s.variant, "", "", std::nan("")};
  for (const Published& one : published)
    if (one.recipe == s.recipe && one.variant == s.variant) known = one;
  if (!row.refusal.empty())
    return line(
        {"`" + s.recipe + "`", s.variant, known.original, known.reference, "not run: " + row.refusal, "", "", "", ""});
  std::vector<double> scores, greedy, steps, seconds;
  int crashed = 0, below = 0;
  for (std::size_t i = row.first_run; i < row.first_run + options.seeds.size(); ++i) {
    if (!end.runs[i].finished) {
      ++crashed;
      continue;
    }
    const RunScore run = read_score(options.runs + "/" + runs[i].name, {.epochs = known.epochs});
    scores.push_back(run.score);
    greedy.push_back(run.greedy);
    steps.push_back(run.steps);
    seconds.push_back(run.seconds);
    below += (known.figure == "greedy" ? run.greedy : run.score) < known.bar;
  }
  std::string failures = std::isnan(known.bar)
                             ? "no bar"
                             : std::to_string(below) + " of " + std::to_string(scores.size()) + " below " +
                                   digits(known.bar) + (known.figure == "last" ? "" : " " + known.figure);
  if (crashed > 0) failures += ", " + std::to_string(crashed) + " broke off";
  const std::string what = known.epochs == 10 ? "" : " (last " + std::to_string(known.epochs) + ")";
  return line({"`" + s.recipe + "`", s.variant, known.original, known.reference, spread(scores) + what,
               digits(median_of(greedy)) + " (" + digits(quantile_of(greedy, 0)) + ")", si(median_of(steps)),
               digits(median_of(seconds)), failures});
}

std::string head(const ResultsOptions& options) {
  std::string seeds;
  const auto& s = options.seeds;
  if (s.size() > 1 && s.back() - s.front() + 1 == static_cast<std::int64_t>(s.size())) {
    seeds = std::to_string(s.front()) + " to " + std::to_string(s.back());
  } else {
    for (const std::int64_t seed : s) seeds += (seeds.empty() ? "" : ", ") + std::to_string(seed);
  }
  std::string text =
      "# Results\n\nMade by `pigrad results`; do not edit.\n\n"
      "Mean return of the last ten epochs (or as many as stand beside it), over seeds " +
      seeds +
      ":\nmedian (quartiles; least–most). Greedy: the trained policy's most probable actions over 100 episodes, "
      "median\n"
      "over seeds (least). Seconds are of training, on one thread, several runs side by side. A run fails that stays\n"
      "below the bar: the 10th percentile of the PyTorch reference's seeds, or, greedy, what others publish of one\n"
      "agent. Stuck: what stays in a local optimum below that value, as the original can.\n\n";
  for (const auto& [name, value] : versions()) text += "- " + name + ": " + value + "\n";
  return text + "\n" +
         line({"recipe", "variant", "original", "PyTorch: median (least–most)", "ours", "greedy", "steps", "seconds",
               "failures"}) +
         line(std::vector<std::string>(9, "---"));
}

}  // namespace

std::vector<Published> read_published(const std::string& path) {
  const std::string text = read_text(path);
  std::size_t at = 0;
  std::vector<std::string> cells;
  if (!next_csv(text, at, cells) ||
      cells != std::vector<std::string>{"recipe", "variant", "original", "reference", "bar", "epochs", "figure"})
    throw Error(path, "its columns are others", "write recipe,variant,original,reference,bar,epochs,figure");
  std::vector<Published> all;
  while (next_csv(text, at, cells)) {
    if (cells.size() == 6) cells.emplace_back();
    if (cells.size() != 7) throw Error(path, "a row has " + std::to_string(cells.size()) + " cells", "give seven");
    if (!cells[6].empty() && cells[6] != "last" && cells[6] != "greedy" && cells[6] != "stuck")
      throw Error(path, "there is no figure \"" + cells[6] + "\"", "write last, greedy or stuck");
    double bar = 0;
    if (!cells[4].empty() && !whole_text(cells[4], bar))
      throw Error(path, "the bar \"" + cells[4] + "\" is no number", "give one");
    all.push_back({cells[0], cells[1], cells[2], cells[3], cells[4].empty() ? std::nan("") : bar,
                   cells[5].empty() ? 10 : std::max(1, std::atoi(cells[5].c_str())),
                   cells[6].empty() ? "last" : cells[6]});
  }
  return all;
}

int results(ResultsOptions options) {
  namespace fs = std::filesystem;
  if (options.out.empty()) options.out = fs::is_directory("docs") ? "docs/results.md" : "results.md";
  prove_file(options.out);
  const bool none = options.published.empty() && !fs::exists("docs/published.csv");
  const auto published = none ? std::vector<Published>{}
                              : read_published(options.published.empty() ? "docs/published.csv" : options.published);
  std::vector<Row> rows;
  std::vector<PlannedRun> runs;
  for (const std::string& name : options.wanted.empty() ? every_variant() : options.wanted) {
    Row row{named(name), "", runs.size()};
    try {
      try_settings(row.settings);
    } catch (const Error& error) {
      row.refusal = error.what();
    }
    TrainSettings settings = row.settings;
    for (const std::int64_t seed : options.seeds) {
      settings.seed = seed;
      if (row.refusal.empty())
        runs.push_back({settings.recipe + "/" + settings.variant + "/seed" + std::to_string(seed), settings});
    }
    rows.push_back(std::move(row));
  }
  BatchOptions batch = options.batch;
  batch.again = "the same command";
  const BatchEnd end = run_batch(options.runs, runs, batch);
  if (end.stopped != 0) return end.stopped;
  std::string text = head(options);
  for (const Row& row : rows) text += row_text(row, runs, end, options, published);
  write_text(options.out, text);
  if (!options.batch.quiet) std::cout << "\n" << text << "\n" << options.out << "\n";
  return end.failed > 0 ? 1 : 0;
}

}  // namespace pigrad::app
