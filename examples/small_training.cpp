// Trains CartPole-v1 as a small program does: one environment, one algorithm, one scalar, no registry, no files. What
// is not named here is not linked. An argument is how many epochs it may take; 0 shows what starting costs.
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <pigrad/env/cartpole.hpp>
#include <pigrad/env/panel_dynamics.hpp>
#include <pigrad/env/vector_env.hpp>
#include <pigrad/rl/a2c.hpp>

int main(int argc, char** argv) {
  using namespace pigrad;
  constexpr int copies = 8, features = 4, goal = 195;
  constexpr double unbounded = std::numeric_limits<double>::infinity();
  Spec spec;
  spec.id = "CartPole-v1";
  spec.observation = Space::box({-4.8, -unbounded, -0.418, -unbounded}, {4.8, unbounded, 0.418, unbounded});
  spec.action = Space::discrete(2);
  spec.max_steps = 500;
  VectorEnv<float> env(spec, std::make_unique<PanelDynamics<CartPole, float>>(copies, CartPole::Params<double>{}),
                       copies, 7);

  TrainSettings settings;
  settings.copies = copies;
  settings.steps = 256;
  settings.minibatch = 256;
  settings.epochs = 200;
  settings.seed = 7;
  settings.policy.optimiser.learning_rate = 1e-3;
  settings.critic.optimiser.learning_rate = 3e-3;
  settings.critic.steps_per_minibatch = 4;
  A2c<float> learner(settings, spec);

  std::vector<float> obs(features * copies), final_obs(features * copies), reward(copies);
  std::vector<std::uint8_t> terminated(copies), truncated(copies);
  std::vector<std::int32_t> action(copies);
  env.reset(obs.data(), copies);
  const auto column = [&](const std::vector<float>& panel, std::size_t copy, float* out) {
    for (std::size_t f = 0; f < features; ++f) out[f] = panel[f * copies + copy];
  };
  const int epochs = argc > 1 ? std::atoi(argv[1]) : settings.epochs;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    float seen[features];
    while (!learner.ready()) {
      for (std::size_t c = 0; c < copies; ++c) {
        column(obs, c, seen);
        action[c] = learner.act(seen, nullptr, static_cast<int>(c));
      }
      env.step(1, Actions<float>::discrete(action.data()),
               {.obs = obs.data(),
                .obs_ld = copies,
                .reward = reward.data(),
                .terminated = terminated.data(),
                .truncated = truncated.data(),
                .final_obs = final_obs.data(),
                .final_ld = copies});
      for (std::size_t c = 0; c < copies; ++c) {
        column(terminated[c] || truncated[c] ? final_obs : obs, c, seen);
        learner.observe(reward[c], terminated[c] != 0, truncated[c] != 0, seen, static_cast<int>(c));
      }
    }
    const double mean_return = learner.update().front().second;
    if (mean_return >= goal) return std::printf("solved after %d epochs: mean return %.1f\n", epoch, mean_return), 0;
  }
  return epochs > 0;
}
