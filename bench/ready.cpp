#include <cstdio>
#include <pigrad/env/registry.hpp>
#include <pigrad/rl/a2c.hpp>
#include <vector>

// What starting costs a program that trains: an environment, an agent with its buffers, and one action.
int main() {
  const auto env = pigrad::Registry::builtin().make<float>("CartPole-v1", 8, 7);
  pigrad::TrainSettings settings;
  settings.copies = 8;
  settings.steps = 256;
  pigrad::A2c<float> learner(settings, env->spec());
  std::vector<float> obs(32);
  env->reset(obs.data(), 8);
  const float seen[] = {obs[0], obs[8], obs[16], obs[24]};
  std::printf("%d\n", learner.act(seen, nullptr, 0));
  return 0;
}
