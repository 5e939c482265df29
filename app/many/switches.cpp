#include "switches.hpp"

#include "../../core/error.hpp"
#include "../settings.hpp"
#include "batch.hpp"
#include "groups.hpp"

namespace pigrad::app {
namespace {

bool names_only(const std::string& key) { return key == "recipe" || key == "variant" || key == "seed"; }

std::string name_of(const std::vector<Switch>& switches) {
  std::string name;
  for (const Switch& one : switches) name += (name.empty() ? "" : " + ") + one.key + "=" + one.to;
  return name;
}

std::string refusal(const TrainSettings& settings) {
  try {
    try_settings(settings);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

std::vector<Switch> switches_between(TrainSettings from, TrainSettings to) {
  const auto before = fields_of(from), after = fields_of(to);
  std::vector<Switch> all;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Field &a = before[i], &b = after[i];
    if (a.text() == b.text() || names_only(a.key) || changes_no_result(a.key)) continue;
    all.push_back({a.key, a.text(), b.text(), a.meaning});
  }
  return all;
}

TrainSettings turned(const TrainSettings& from, const std::vector<Switch>& switches) {
  TrainSettings settings = from;
  const auto fields = fields_of(settings);
  for (const Switch& one : switches) set_setting(fields, one.key + "=" + one.to);
  return settings;
}

std::vector<Step> steps_alone(const TrainSettings& from, const std::vector<Switch>& switches) {
  std::vector<Step> steps;
  for (const Switch& one : switches) steps.push_back({name_of({one}), {one}, {one}, refusal(turned(from, {one}))});
  return steps;
}

std::vector<Step> steps_cumulative(const TrainSettings& from, const std::vector<Switch>& switches) {
  std::vector<Step> steps;
  std::vector<Switch> so_far, waiting;
  for (const Switch& one : switches) {
    waiting.push_back(one);
    std::vector<Switch> candidate = so_far;
    candidate.insert(candidate.end(), waiting.begin(), waiting.end());
    if (!refusal(turned(from, candidate)).empty()) continue;
    steps.push_back({name_of(waiting), candidate, waiting, ""});
    so_far = std::move(candidate);
    waiting.clear();
  }
  return steps;
}

}  // namespace pigrad::app
