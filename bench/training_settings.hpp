#pragma once
#include <pigrad/rl/settings.hpp>

namespace pigrad::bench {

/// recipes/a2c-cartpole.yaml: 4000 steps of one copy, 10 minibatches of 400, 80 steps of the critic on each.
inline TrainSettings a2c_cartpole() {
  TrainSettings s;
  s.epochs = 100;
  s.copies = 1;
  s.steps = 4000;
  s.reset_each_epoch = true;
  s.minibatch = 400;
  s.policy.network.hidden = s.critic.network.hidden = {64, 32};
  s.critic.steps_per_minibatch = 80;
  return s;
}

/// 64 copies × 16 steps, 64-64 tanh, one step of each network on the whole rollout.
inline TrainSettings a2c_copies() {
  TrainSettings s;
  s.epochs = 1000000;
  s.copies = 64;
  s.steps = 16;
  s.lambda = 0.95;
  s.policy.optimiser.learning_rate = 1e-3;
  s.source_metrics = "first_step";
  return s;
}

/// 64 copies × 128 steps, own 64-64 tanh networks, 4 passes of 4 minibatches, one loss and one Adam.
inline TrainSettings ppo_copies() {
  TrainSettings s;
  s.algorithm = "ppo";
  s.epochs = 1000000;
  s.copies = 64;
  s.steps = 128;
  s.minibatch = 2048;
  s.lambda = 0.95;
  s.advantage.epsilon = 1e-8;
  s.ppo.passes = 4;
  s.policy.entropy_bonus = 0.01;
  s.policy.optimiser.learning_rate = 2.5e-4;
  s.policy.optimiser.epsilon = 1e-5;
  s.policy.optimiser.max_grad_norm = 0.5;
  return s;
}

/// What Stable-Baselines3's A2C and PPO share where nothing is set: one copy, own 64-64 tanh networks.
inline TrainSettings baselines_default() {
  TrainSettings s;
  s.epochs = 1000000;
  s.copies = 1;
  s.policy.network.initial_weights = s.critic.network.initial_weights = "orthogonal:1.4142135623730951";
  s.policy.network.initial_output = "orthogonal:0.01";
  s.critic.network.initial_output = "orthogonal:1";
  s.policy.network.initial_biases = s.critic.network.initial_biases = "zeros";
  s.policy.optimiser.epsilon = 1e-5;
  s.policy.optimiser.max_grad_norm = 0.5;
  return s;
}

/// Its A2C: a step of RMSprop every 5 steps of the environment.
inline TrainSettings baselines_a2c() {
  TrainSettings s = baselines_default();
  s.algorithm = "a2c-joint";
  s.steps = 5;
  s.lambda = 1;
  s.advantage.normalise = false;
  s.policy.optimiser.name = "rmsprop";
  s.policy.optimiser.learning_rate = 7e-4;
  return s;
}

/// Its PPO: 10 passes over 2048 steps in minibatches of 64.
inline TrainSettings baselines_ppo() {
  TrainSettings s = baselines_default();
  s.algorithm = "ppo";
  s.steps = 2048;
  s.minibatch = 64;
  s.lambda = 0.95;
  s.advantage.epsilon = 1e-8;
  s.advantage.deviation = "sample";
  return s;
}

/// RLtools' own CPU example: 4 copies of Pendulum-v1 (scaled_pendulum.hpp) × 1024 steps, 2 passes of 256 rows, own
/// 64-64 ReLU networks. Its rate is 1e-3, but its actor and critic share one Adam whose bias correction counts every
/// step twice: the first thousand are √2 longer, so they are here.
inline TrainSettings rltools_pendulum() {
  TrainSettings s;
  s.environment = "ScaledPendulum-v1";
  s.algorithm = "ppo";
  s.epochs = 1000000;
  s.copies = 4;
  s.steps = 1024;
  s.minibatch = 256;
  s.gamma = 0.9;
  s.lambda = 0.95;
  s.advantage.epsilon = 1e-8;
  s.ppo.passes = 2;
  s.policy.distribution.name = "gaussian";
  s.policy.distribution.initial_spread = 0.6931471805599453;
  s.policy.network.activation = s.critic.network.activation = "relu";
  s.policy.optimiser.learning_rate = 1.41e-3;
  s.policy.optimiser.epsilon = 1e-7;
  return s;
}

}  // namespace pigrad::bench
