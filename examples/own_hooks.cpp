// Metrics and a stopping rule of one's own: functions that a run calls at the end of episodes, steps and epochs.
#include <cstdio>
#include <deque>
#include <numeric>
#include <pigrad/rl/a2c.hpp>

int main() {
  pigrad::TrainSettings settings;
  settings.copies = 8;
  settings.steps = 128;
  settings.epochs = 400;
  settings.policy.network.hidden = settings.critic.network.hidden = {32};
  settings.policy.optimiser.learning_rate = 3e-3;
  settings.policy.steps_per_minibatch = 2;
  settings.critic.optimiser.learning_rate = 1e-2;
  settings.critic.steps_per_minibatch = 10;
  settings.minibatch = 256;

  const pigrad::Registry environments = pigrad::Registry::builtin();
  pigrad::A2c<float> algorithm(settings, environments);
  pigrad::Hooks<float> hooks;

  std::deque<double> last;
  hooks.episode = [&](const pigrad::Episode& episode) {
    last.push_back(episode.total);
    if (last.size() > 10) last.pop_front();
  };
  const auto mean_of_last = [&] { return std::accumulate(last.begin(), last.end(), 0.0) / 10; };

  int lefts = 0, steps = 0;
  double norm = 0;
  hooks.step = [&](const pigrad::StepEnd<float>& s) {
    if (s.optimiser == "policy_optimiser") norm += s.grad_norm, ++steps;
  };
  hooks.epoch = [&](pigrad::Metrics& metrics) {
    for (const int action : algorithm.rollout().index) lefts += action == 0;
    metrics.emplace_back("own/share_left", static_cast<double>(lefts) / algorithm.rollout().rows());
    metrics.emplace_back("own/mean_grad_norm", norm / steps);
    std::printf("epoch %d: mean of the last ten %.1f, %.0f %% left, gradient %.3f\n", algorithm.epochs_done(),
                mean_of_last(), 100 * metrics[metrics.size() - 2].second, metrics.back().second);
    lefts = steps = 0, norm = 0;
    return mean_of_last() < 195;  // enough: the run ends
  };

  algorithm.attach(hooks);
  algorithm.run(/*threads=*/1);
  return algorithm.stopped() && algorithm.epochs_done() < settings.epochs ? 0 : 1;
}
