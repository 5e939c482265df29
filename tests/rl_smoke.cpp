#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <pigrad/rl/algorithm.hpp>
using namespace pigrad;
TEST_CASE("a2c") {
  TrainSettings s;
  s.policy.network.hidden = {64, 32};
  s.critic.network.hidden = {64, 32};
  s.critic.steps_per_minibatch = 80;
  s.minibatch = 400;
  s.reset_each_epoch = true;
  s.seed = 123;
  auto env = Registry::builtin();
  auto a = make_algorithm(s, env);
  auto t0 = std::chrono::steady_clock::now();
  for (int e = 0; e < 100; ++e) {
    auto m = a->epoch(1);
    if (e % 10 == 9 || e == 0)
      for (auto& [k, v] : m)
        if (k == "rollout/ep_rew_mean" || k == "time/fps") std::printf("%d %s %g\n", e + 1, k.c_str(), v);
  }
  std::printf("%.2f s\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count());
  auto ev = a->evaluate(100, true, 1);
  std::printf("greedy %g +- %g min %g\n", ev.mean, ev.deviation, ev.least);
}
