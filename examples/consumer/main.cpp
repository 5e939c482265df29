// Trains CartPole-v1 in a loop of one's own: the environment could be anything that takes actions.
#include <cstdio>
#include <pigrad/env/registry.hpp>
#include <pigrad/rl/a2c.hpp>
#include <vector>

int main() {
  using namespace pigrad;
  constexpr int copies = 8, features = 4, goal = 195;
  const auto env = Registry::builtin().make<float>("CartPole-v1", copies, 7);

  TrainSettings settings;
  settings.copies = copies;
  settings.steps = 256;
  settings.minibatch = 256;
  settings.epochs = 200;
  settings.seed = 7;
  settings.policy.optimiser.learning_rate = 1e-3;
  settings.critic.optimiser.learning_rate = 3e-3;
  settings.critic.steps_per_minibatch = 4;
  A2c<float> learner(settings, env->spec());

  std::vector<float> obs(features * copies), final_obs(features * copies), reward(copies);
  std::vector<std::uint8_t> terminated(copies), truncated(copies);
  std::vector<std::int32_t> action(copies);
  env->reset(obs.data(), copies);
  const auto column = [&](const std::vector<float>& panel, int copy, float* out) {
    for (int f = 0; f < features; ++f) out[f] = panel[static_cast<std::size_t>(f * copies + copy)];
  };

  for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
    while (!learner.ready()) {
      float seen[features];
      for (int c = 0; c < copies; ++c) {
        column(obs, c, seen);
        action[static_cast<std::size_t>(c)] = learner.act(seen, nullptr, c);
      }
      env->step(1, Actions<float>::discrete(action.data()),
                {.obs = obs.data(),
                 .obs_ld = copies,
                 .reward = reward.data(),
                 .terminated = terminated.data(),
                 .truncated = truncated.data(),
                 .final_obs = final_obs.data(),
                 .final_ld = copies});
      for (int c = 0; c < copies; ++c) {
        const auto i = static_cast<std::size_t>(c);
        column(terminated[i] || truncated[i] ? final_obs : obs, c, seen);
        learner.observe(reward[i], terminated[i] != 0, truncated[i] != 0, seen, c);
      }
    }
    const Metrics metrics = learner.update();
    const double mean_return = metrics.front().second;
    if (epoch % 10 == 0) std::printf("epoch %d: mean return %.1f\n", epoch, mean_return);
    if (mean_return >= goal) return std::printf("solved after %d epochs: mean return %.1f\n", epoch, mean_return), 0;
  }
  return 1;
}
