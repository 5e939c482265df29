#pragma once
#include <pigrad/rl/settings.hpp>
#include <string>
#include <vector>

namespace pigrad_test {

struct DeviceCase {
  std::string name;
  pigrad::TrainSettings settings;
};

inline pigrad::TrainSettings small(const std::string& algorithm, const std::string& environment) {
  pigrad::TrainSettings s;
  s.algorithm = algorithm;
  s.environment = environment;
  s.scalar = "float64";
  s.copies = 7;
  s.steps = 60;
  s.epochs = 5;
  s.policy.network.hidden = {16, 12};
  s.critic.network.hidden = {16, 12};
  s.policy.optimiser.learning_rate = 3e-3;
  if (algorithm == "a2c" || algorithm == "vpg") s.critic.optimiser.learning_rate = 3e-3;
  if (environment != "CartPole-v1") s.policy.distribution.name = "gaussian";
  return s;
}

/// Every algorithm with a form on the device, and the choices that change what it computes.
inline std::vector<DeviceCase> device_cases() {
  std::vector<DeviceCase> all;
  const auto add = [&](const std::string& name, pigrad::TrainSettings s, auto change) {
    change(s);
    all.push_back({name, s});
  };
  add("a2c", small("a2c", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.minibatch = 100;
    s.critic.steps_per_minibatch = 3;
    s.policy.entropy_bonus = 0.01;
  });
  add("a2c, refitted, every epoch anew", small("a2c", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.advantage.values = "refitted";
    s.reset_each_epoch = true;
    s.source_metrics = "last_minibatch";
    s.minibatch = 64;
    s.policy.optimiser.name = "sgd";
    s.policy.optimiser.momentum = 0.9;
  });
  add("a2c on Pendulum", small("a2c", "Pendulum-v1"), [](pigrad::TrainSettings& s) {
    s.steps = 230;
    s.source_metrics = "first_step";
    s.critic.optimiser.name = "adamw";
    s.critic.optimiser.weight_decay = 0.01;
    s.policy.optimiser.schedule = "linear";
  });
  add("a2c by the sample's deviation and a large epsilon", small("a2c", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.advantage.normalise = true;
    s.advantage.deviation = "sample";
    s.advantage.epsilon = 0.5;
    s.steps = 3;
  });
  add("the sources' boundaries", small("a2c", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.boundary.truncation = "terminate";
    s.boundary.edge_over_end = true;
    s.advantage.sum = "across";
  });
  add("vpg", small("vpg", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.advantage.estimator = "n_step";
    s.advantage.n = 4;
    s.advantage.discount_time = true;
    s.policy.loss_reduction = "sum";
    s.critic.loss = "broadcast";
  });
  add("reinforce", small("reinforce", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.advantage.estimator = "return_to_go";
    s.advantage.baseline = false;
    s.boundary.truncation = "terminate";
    s.boundary.edge = "last_reward";
  });
  add("reinforce on whole episodes", small("reinforce", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.whole_episodes = true;
    s.steps = 40;
    s.minibatch = 100;
    s.advantage.estimator = "return_to_go";
    s.advantage.baseline = false;
    s.boundary = {"terminate", "drop"};
  });
  add("Sutton and Barto's", small("reinforce", "CartPole-v0"), [](pigrad::TrainSettings& s) {
    s.whole_episodes = true;
    s.copies = s.episodes = s.minibatch = 1;
    s.policy.network.hidden = {};
    s.policy.distribution.name = "categorical";
    s.advantage.estimator = "return_to_go";
    s.advantage.baseline = s.advantage.normalise = false;
    s.boundary = {"terminate", "drop"};
  });
  const auto episodes_in_turn = [](pigrad::TrainSettings& s) {
    s.whole_episodes = true;
    s.episodes = 17;
    s.critic.time = true;
    s.critic.steps_per_minibatch = 4;
    s.critic.loss_reduction = "per_episode";
    s.policy.loss_reduction = "sum";
    s.advantage.values = "refitted";
    s.advantage.deviation = "sample";
    s.boundary.truncation = "terminate";
  };
  add("vpg on episodes dealt in turn", small("vpg", "CartPole-v1"), [&](pigrad::TrainSettings& s) {
    episodes_in_turn(s);
    s.advantage.estimator = "return_to_go";
  });
  add("vpg with lookahead", small("vpg", "CartPole-v1"), [&](pigrad::TrainSettings& s) {
    episodes_in_turn(s);
    s.advantage.estimator = "n_step";
    s.advantage.n = 5;
    s.critic.target = "n_step";
    s.critic.gradient = "detached";
  });
  add("a2c on few episodes that the time limit ends", small("a2c", "Pendulum-v1"), [](pigrad::TrainSettings& s) {
    s.whole_episodes = true;
    s.episodes = 3;
    s.copies = 5;
    s.critic.time = true;
    s.advantage.sum = "across";
    s.advantage.discount_time = true;
    s.boundary.edge_over_end = true;
    s.policy.loss_reduction = "per_episode";
  });
  for (const char* target : {"bellman", "n_step", "lambda"})
    for (const char* gradient : {"frozen", "attached"}) {
      if (std::string(target) == "lambda" && std::string(gradient) != "frozen") continue;
      add(std::string("a2c, its critic by ") + target + ", " + gradient, small("a2c", "Pendulum-v1"),
          [&](pigrad::TrainSettings& s) {
            s.steps = 230;
            s.minibatch = 400;
            s.advantage.n = 3;
            s.critic.time = gradient == std::string("attached");
            s.critic.target = target;
            s.critic.gradient = gradient;
            s.critic.loss_reduction = "per_episode";
          });
    }
  for (const char* estimator : {"total_return", "reward_to_go", "td_error"})
    add(std::string("a2c by ") + estimator, small("a2c", "CartPole-v1"),
        [&](pigrad::TrainSettings& s) { s.advantage.estimator = estimator; });
  add("a2c-joint", small("a2c-joint", "Pendulum-v1"), [](pigrad::TrainSettings& s) {
    s.rollouts = 3;
    s.steps = 8;
    s.policy.optimiser.name = "rmsprop";
    s.policy.optimiser.max_grad_norm = 0.5;
    s.policy.optimiser.schedule = "linear";
  });
  add("a2c-joint, shared layers", small("a2c-joint", "CartPole-v1"),
      [](pigrad::TrainSettings& s) { s.critic.kind = "shared"; });
  add("ppo", small("ppo", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.minibatch = 128;
    s.ppo.passes = 3;
    s.ppo.clip_schedule = "linear";
    s.ppo.value_clip = 0.2;
    s.policy.optimiser.max_grad_norm = 0.5;
    s.policy.entropy_bonus = 0.01;
  });
  add("ppo, observations and rewards normalised by steps", small("ppo", "Pendulum-v1"), [](pigrad::TrainSettings& s) {
    s.observation.normalise = true;
    s.reward.scale = true;
    s.reward.clip = 10;
    s.minibatch = 128;
    s.steps = 120;
  });
  add("a2c on Pendulum, every epoch anew, rewards scaled", small("a2c", "Pendulum-v1"), [](pigrad::TrainSettings& s) {
    s.reset_each_epoch = true;
    s.reward.scale = true;
  });
  add("a2c-joint, observations normalised by rollouts", small("a2c-joint", "CartPole-v1"),
      [](pigrad::TrainSettings& s) {
        s.observation.normalise = true;
        s.observation.statistics = "rollout";
        s.reward.clip = 0.5;
      });
  add("ppo on Pendulum, in order", small("ppo", "Pendulum-v1"), [](pigrad::TrainSettings& s) {
    s.steps = 230;
    s.minibatch = 200;
    s.ppo.order = "rollout";
    s.ppo.advantages = "rollout";
  });
  add("ppo held by its divergence", small("ppo", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.minibatch = 60;
    s.ppo.passes = 4;
    s.ppo.target_kl = 0.002;
  });
  add("ppo, two optimisers, held", small("ppo", "CartPole-v1"), [](pigrad::TrainSettings& s) {
    s.minibatch = 60;
    s.ppo.passes = 4;
    s.ppo.target_kl = 0.002;
    s.ppo.optimisers = "separate";
  });
  return all;
}

}  // namespace pigrad_test
