#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <pigrad/app/recipes.hpp>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/a2c_joint.hpp>
#include <pigrad/rl/npg.hpp>
#include <pigrad/rl/ppo.hpp>
#include <pigrad/rl/reinforce.hpp>
#include <pigrad/rl/trpo.hpp>
#include <pigrad/rl/vpg.hpp>
#include <string>
#include <utility>
#include <vector>

// Recipes made small, for whole epochs that are compared with PyTorch's: tests/golden/dump_recipes.cpp writes rollouts
// of them, tests/golden/make_recipes.py learns from those, tests/rl_recipes.cpp compares.

namespace pigrad_test {

constexpr int small_rows = 96;     ///< of a rollout
constexpr int small_copies = 4;    ///< at most
constexpr int small_episodes = 6;  ///< of a rollout of whole episodes, at most
constexpr int small_width = 8;     ///< of a hidden layer, at most
constexpr int small_limit = 16;    ///< steps of an episode, so that the time limit is met
constexpr int learnt_epochs = 3;   ///< of planned_epochs
constexpr int planned_epochs = 4;  ///< so that schedules move
constexpr int most_minibatches = 4;

/// A recipe's variant with its own settings in all but sizes and scalar, PPO's rate, and the natural gradient's solver.
inline pigrad::TrainSettings small_recipe(const std::string& name, const std::string& variant) {
  pigrad::TrainSettings s = pigrad::app::recipe_settings(name, variant);
  const int rows = s.steps * s.copies;
  const int minibatches = s.minibatch > 0 ? (rows + s.minibatch - 1) / s.minibatch : 1;
  s.scalar = "float64";
  s.epochs = planned_epochs;
  s.rollouts = 1;
  s.copies = std::min(s.copies, small_copies);
  s.steps = small_rows / s.copies;
  s.episodes = std::min(s.episodes, small_episodes);
  if (s.minibatch > 1) s.minibatch = small_rows / std::min(minibatches, most_minibatches);
  // So few steps meet the clip and target_kl only if they are longer, small rates' the most.
  if (s.algorithm == "ppo") s.policy.optimiser.learning_rate = 0.7 * std::sqrt(s.policy.optimiser.learning_rate);
  // Ten of conjugate gradients' iterations with little damping turn a rounding of 1e-16 into 1e-7 here.
  if (s.algorithm == "npg" || s.algorithm == "trpo") s.natural.iterations = 4, s.natural.damping = 0.3;
  // So that the line search has to go back.
  if (s.algorithm == "trpo") s.natural.max_kl *= 20;
  for (pigrad::NetworkSettings* network : {&s.policy.network, &s.critic.network})
    for (int& width : network->hidden) width = std::min(width, small_width);
  return s;
}

/// Every recipe's every variant, by names.
inline std::vector<std::pair<std::string, std::string>> every_variant() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const pigrad::app::Recipe& recipe : pigrad::app::recipes()) {
    all.emplace_back(recipe.name, "recommended");
    for (const auto& variant : recipe.variants) all.emplace_back(recipe.name, variant.first);
  }
  return all;
}

/// The algorithm that settings name, for rollouts that are given to it; null for a name that is not here.
inline std::unique_ptr<pigrad::OnPolicy<double>> make_small(pigrad::TrainSettings s, const pigrad::Spec& spec) {
  s.observation.statistics = "rollout";  // whoever makes the rollouts has normalised their observations
  if (s.algorithm == "a2c") return std::make_unique<pigrad::A2c<double>>(s, spec);
  if (s.algorithm == "a2c-joint") return std::make_unique<pigrad::A2cJoint<double>>(s, spec);
  if (s.algorithm == "npg") return std::make_unique<pigrad::Npg<double>>(s, spec);
  if (s.algorithm == "trpo") return std::make_unique<pigrad::Trpo<double>>(s, spec);
  if (s.algorithm == "ppo") return std::make_unique<pigrad::Ppo<double>>(s, spec);
  if (s.algorithm == "reinforce") return std::make_unique<pigrad::Reinforce<double>>(s, spec);
  if (s.algorithm == "vpg") return std::make_unique<pigrad::Vpg<double>>(s, spec);
  return nullptr;
}

inline bool scales_rewards(const pigrad::TrainSettings& s) { return s.reward.scale || s.reward.clip > 0; }

/// Settings as text, a key=value a line.
inline std::string settings_text(pigrad::TrainSettings settings) {
  std::string text;
  for (const pigrad::Field& field : pigrad::fields_of(settings)) text += field.key + "=" + field.text() + "\n";
  return text;
}

}  // namespace pigrad_test
