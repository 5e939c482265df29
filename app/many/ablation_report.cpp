#include "ablation_report.hpp"

#include <cmath>

#include "../csv_lines.hpp"
#include "../files.hpp"
#include "../table.hpp"
#include "ablation_picture.hpp"

namespace pigrad::app {
namespace {

double gain(const Outcome& from, const Outcome& one) { return one.description.iqm - from.description.iqm; }

std::string with_sign(double value) { return (value >= 0 ? "+" : "") + digits(value); }

/// Beyond what rounding makes of equal directions.
bool is_one(double cosine) { return cosine > 1 - 1e-9; }

/// A cosine that is not 1 is not written as 1.
std::string cosine_text(double cosine) { return cosine > 0.9999 && !is_one(cosine) ? "> 0.9999" : digits(cosine); }

std::string cosine_words(const Outcome& one) {
  if (std::isnan(one.gradient)) return "";
  const std::string g = cosine_text(one.gradient), u = cosine_text(one.update);
  if (is_one(one.gradient) && is_one(one.update))
    return " From the same parameters and rollout the first update is the same (cosine 1): it acts through what is "
           "collected, or later.";
  return " From the same parameters and rollout the policy's gradient has cosine " + g +
         " with the other's, its first epoch's update " + u + ".";
}

std::vector<std::string> cells(const Outcome& from, const Outcome& one, const std::string& name) {
  const Description& d = one.description;
  const bool is_from = &from == &one;
  return {name,
          std::to_string(one.scores.size()),
          std::to_string(one.failures.size()),
          with_interval(d.iqm, d.interval.low, d.interval.high),
          digits(d.median),
          digits(d.deviation),
          is_from ? "" : with_sign(gain(from, one)),
          is_from ? "" : digits(one.difference.low) + " to " + digits(one.difference.high),
          cosine_text(one.gradient),
          cosine_text(one.update)};
}

const std::vector<std::string> kColumns = {"step", "runs",   "failed", "IQM (95 %)",        "median",
                                           "std",  "change", "95 %",   "gradient's cosine", "update's cosine"};

std::vector<std::pair<std::string, const Outcome*>> rows(const AblationOptions& options,
                                                         const AblationOutcome& outcome) {
  std::vector<std::pair<std::string, const Outcome*>> all = {{options.from_name, &outcome.from}};
  for (const Outcome& one : outcome.alone)
    if (one.step.refusal.empty()) all.emplace_back(one.step.name + " alone", &one);
  for (const Outcome& one : outcome.cumulative) all.emplace_back("… + " + short_name(one.step), &one);
  return all;
}

std::string csv(const AblationOptions& options, const AblationOutcome& outcome) {
  const auto number = [](double x) { return std::isnan(x) ? std::string() : shortest(x); };
  std::string text = join_csv({"step", "runs", "failed", "iqm", "iqm_low", "iqm_high", "median", "std", "change",
                               "change_low", "change_high", "gradient_cosine", "update_cosine"});
  for (const auto& [name, one] : rows(options, outcome)) {
    const Description& d = one->description;
    std::vector<std::string> line = {name, std::to_string(one->scores.size()), std::to_string(one->failures.size())};
    for (const double x : {d.iqm, d.interval.low, d.interval.high, d.median, d.deviation, gain(outcome.from, *one),
                           one->difference.low, one->difference.high, one->gradient, one->update})
      line.push_back(number(x));
    text += join_csv(line);
  }
  return text;
}

std::string markdown_row(const std::vector<std::string>& row) {
  std::string text = "|";
  for (const std::string& cell : row) text += " " + cell + " |";
  return text + "\n";
}

std::string markdown(const AblationOptions& options, const AblationOutcome& outcome) {
  std::string text = "# " + options.title + "\n\nWhat each switch does, alone, to the " + options.score.words() +
                     ", over " + std::to_string(options.seeds.size()) + " seeds; " + options.from_name + " to " +
                     options.to_name + ".\n\n![](ablation.png)\n\n";
  for (const Outcome& one : outcome.alone) text += "- " + sentence(outcome.from, one, options.score) + "\n";
  text += "\n" + markdown_row(kColumns) + markdown_row(std::vector<std::string>(kColumns.size(), "---"));
  for (const auto& [name, one] : rows(options, outcome)) text += markdown_row(cells(outcome.from, *one, name));
  return text;
}

}  // namespace

std::string short_name(const Step& step) {
  std::string name;
  for (const Switch& one : step.added) name += (name.empty() ? "" : " + ") + one.key + "=" + one.to;
  return name;
}

std::string sentence(const Outcome& from, const Outcome& alone, const ScoreChoice& score) {
  const Switch& one = alone.step.added[0];
  std::string words = one.key + ", " + (one.from.empty() ? "nothing" : one.from) + " → " +
                      (one.to.empty() ? "nothing" : one.to) + " (" + one.meaning + "): ";
  if (!alone.step.refusal.empty()) return words + "cannot stand alone (" + alone.step.refusal + ").";
  if (!alone.failures.empty() && alone.scores.empty())
    return words + "alone every run failed (" + alone.failures[0] + ").";
  const double change = gain(from, alone);
  const std::string range = digits(alone.difference.low) + " to " + digits(alone.difference.high);
  const std::string figures = "from " + digits(from.description.iqm) + " to " + digits(alone.description.iqm);
  if (alone.scores == from.scores) {
    words += "alone it changes no run at all";
    if (is_one(alone.gradient) && is_one(alone.update)) return words + ", nor the first update.";
    words += ".";
  } else if (from.scores.size() < 2 || alone.scores.size() < 2) {
    words += "alone it moves the " + score.words() + " " + figures + ", on one seed, which proves nothing.";
  } else if (alone.difference.low > 0 || alone.difference.high < 0) {
    words += std::string("alone it ") + (change > 0 ? "raises" : "lowers") + " the " + score.words() + " by " +
             digits(std::abs(change)) + ", " + figures + " (95 % interval of the change " + range + ").";
  } else {
    words += "alone it makes no difference to the " + score.words() + " that these seeds show: " + figures +
             " (95 % interval of the change " + range + ").";
  }
  if (!alone.failures.empty()) words += " " + std::to_string(alone.failures.size()) + " runs failed.";
  return words + cosine_words(alone);
}

std::string write_ablation(const AblationOptions& options, const AblationOutcome& outcome) {
  write_text(options.out + "/ablation.csv", csv(options, outcome));
  write_text(options.out + "/ablation.md", markdown(options, outcome));
  draw_ablation(options, outcome);
  std::vector<Table::Column> columns;
  for (const std::string& name : kColumns) columns.push_back({name, name != "step"});
  Table table(columns);
  for (const auto& [name, one] : rows(options, outcome)) table.row(cells(outcome.from, *one, name));
  std::string text = options.score.words() + ":\n" + table.text() + "\n";
  for (const Outcome& one : outcome.alone) text += sentence(outcome.from, one, options.score) + "\n\n";
  return text;
}

}  // namespace pigrad::app
