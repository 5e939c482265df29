#include "footprint.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "../core/error.hpp"

namespace pigrad {
namespace {

constexpr double kMost = std::numeric_limits<int>::max();

/// Numbers of a network's weights and biases.
double numbers(const NetworkSettings& network, double inputs, double outputs) {
  double width = inputs, sum = 0;
  for (const int next : network.hidden) {
    sum += (width + 1) * next;
    width = next;
  }
  return sum + (width + 1) * outputs;
}

/// Copies of its parameters that an optimiser keeps: themselves, the gradient, its state.
double arrays(const OptimiserChoice& optimiser) {
  const bool adam = optimiser.name == "adam" || optimiser.name == "adamw";
  return adam ? 4 : optimiser.name == "rmsprop" ? 3 : 2;
}

std::string whole(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.0f", number);
  return text;
}

std::string gigabytes(double bytes) {
  char text[40];
  std::snprintf(text, sizeof text, bytes < 1e13 ? "%.1f GB" : "%.3g GB", bytes / 1e9);
  return text;
}

}  // namespace

std::vector<Footprint> footprints(const TrainSettings& s, const Spec& spec, bool with_critic) {
  const double real = s.scalar == "float64" ? 8 : 4, features = spec.observation.size();
  const bool discrete = spec.action.is_discrete();
  const double actions = discrete ? spec.action.n : spec.action.size();
  const double act = discrete ? sizeof(int) : actions * real;
  const double outputs = discrete || s.policy.distribution.spread != "state" ? actions : 2 * actions;
  const double policy = numbers(s.policy.network, features, outputs);
  // Observations before and after, log-probability, reward, value, value after, Ψ, returns-to-go; three marks.
  const double row = (2 * features + 6) * real + act + 3;
  const double rows = s.episodes > 0 ? s.episodes : static_cast<double>(s.steps) * s.copies;
  // Observation, its next and last; state, return, length and marks.
  const double copy = 4 * features * real + act + 40;
  std::vector<Footprint> all = {
      {"policy.network.hidden", policy, policy * real * arrays(s.policy.optimiser), "parameters in the policy"},
      {s.episodes > 0 ? "episodes" : "steps", rows, rows * row, "rows in a rollout"},
      {"copies", static_cast<double>(s.copies), s.copies * copy, "environments side by side"},
      {"evaluate_episodes", static_cast<double>(s.evaluate_episodes), s.evaluate_episodes * copy,
       "episodes side by side"}};
  if (with_critic && s.critic.kind != "shared" && s.critic.kind != "linear") {
    const double critic = numbers(s.critic.network, features, 1);
    all.push_back(
        {"critic.network.hidden", critic, critic * real * arrays(s.critic.optimiser), "parameters in the critic"});
  }
  return all;
}

void check_footprint(const TrainSettings& settings, const Spec& spec, bool with_critic, double available) {
  const double widest = std::max(spec.observation.size(), spec.action.is_discrete() ? 1 : spec.action.size());
  double sum = 0, parameters = 0;
  const std::vector<Footprint> all = footprints(settings, spec, with_critic);
  for (const Footprint& one : all) {
    const std::string what = whole(one.count) + " " + one.words;
    sum += one.bytes;
    if (one.words.ends_with("side by side") && one.count * widest > kMost)
      throw Error(one.key, what, "give at most " + whole(std::floor(kMost / widest)) + " for " + spec.id);
    if (one.key.ends_with("hidden") && (parameters += one.count) > kMost)
      throw Error(one.key, what, "give fewer or narrower layers: 2³¹ − 1 parameters are the most");
  }
  if (available <= 0 || sum <= available) return;
  const Footprint& worst = *std::max_element(all.begin(), all.end(),
                                             [](const Footprint& a, const Footprint& b) { return a.bytes < b.bytes; });
  throw Error(worst.key,
              whole(worst.count) + " " + worst.words + ": the run takes at least " + gigabytes(sum) +
                  ", and there are " + gigabytes(available) + " of memory here",
              "lower " + worst.key);
}

}  // namespace pigrad
