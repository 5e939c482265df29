#include "checks.hpp"

#include <limits>
#include <utility>

#include "../core/error.hpp"
#include "advantage.hpp"

namespace pigrad {

const TrainSettings& checked(const TrainSettings& settings, bool with_critic) {
  check_fields(settings);
  find_estimator<double>(settings.advantage, with_critic);
  const std::int64_t rows = static_cast<std::int64_t>(settings.steps) * settings.copies;
  if (rows > std::numeric_limits<int>::max())
    throw Error("steps", std::to_string(rows) + " rows in a rollout", "give fewer than 2³¹ steps × copies");
  if (rows == 1 && settings.advantage.normalise)
    throw Error("advantage.normalise", "a rollout of 1 row has no deviation to divide by",
                "raise steps or copies, or set advantage.normalise=false");
  if (settings.whole_episodes && settings.copies != 1)
    throw Error("whole_episodes", "it plays one copy, and copies is " + std::to_string(settings.copies),
                "set copies=1, or whole_episodes=false");
  if (settings.whole_episodes && settings.observation.normalise)
    throw Error("observation.normalise", "whole episodes are collected without it",
                "set whole_episodes=false, or observation.normalise=false");
  if (settings.minibatch > rows)
    throw Error("minibatch",
                std::to_string(settings.minibatch) + " rows, but a rollout has " + std::to_string(settings.steps) +
                    " steps × " + std::to_string(settings.copies) + " copies",
                "give at most " + std::to_string(rows) + ", or 0 for the whole rollout");
  for (const auto& [key, rule] : {std::pair{"boundary.truncation", settings.boundary.truncation},
                                  std::pair{"boundary.edge", settings.boundary.edge}})
    if (!with_critic && rule == "bootstrap")
      throw Error(key, "bootstrap needs V(s), and this algorithm has no critic",
                  std::string(key) == "boundary.edge" ? "use drop, or last_reward" : "use terminate");
  return settings;
}

template <class T>
void check_rollout(const Rollout<T>& r, const Agent<T>& agent) {
  const auto fits = [&](const auto& array, int columns, int rows, const char* name) {
    if (array.size() != static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows))
      throw Error("learn",
                  std::string("the rollout's ") + name + " has " + std::to_string(array.size()) + " numbers, not " +
                      std::to_string(columns) + " × " + std::to_string(rows),
                  "size it with Rollout::resize and fill every row");
  };
  require(r.steps >= 1 && r.copies >= 1, "learn", "the rollout is empty", "give at least one step of one copy");
  const int rows = r.rows(), features = agent.observation_size(), dimensions = agent.action_size();
  fits(r.obs, features, rows, "obs");
  fits(r.final_obs, features, rows, "final_obs");
  fits(r.edge_obs, features, r.copies, "edge_obs");
  fits(r.index, dimensions == 0, rows, "index");
  fits(r.action, dimensions, rows, "action");
  fits(r.log_prob, 1, rows, "log_prob");
  fits(r.reward, 1, rows, "reward");
  fits(r.terminated, 1, rows, "terminated");
  fits(r.truncated, 1, rows, "truncated");
  fits(r.valid, 1, rows, "valid");
  fits(r.first_step, 1, r.copies, "first_step");
  for (const std::int32_t a : r.index)
    if (a < 0 || a >= agent.distribution().actions())
      throw Error("learn",
                  "an action is " + std::to_string(a) + " of " + std::to_string(agent.distribution().actions()),
                  "give actions from 0 to n − 1");
}

template void check_rollout(const Rollout<float>&, const Agent<float>&);
template void check_rollout(const Rollout<double>&, const Agent<double>&);

}  // namespace pigrad
