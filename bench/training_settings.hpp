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
  return s;
}

}  // namespace pigrad::bench
