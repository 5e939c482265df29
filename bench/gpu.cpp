// Environment steps per second of whole training loops on a GPU, from few copies to many: A2C with 16 steps and PPO
// with 128, 64-64 tanh actor and critic on CartPole-v1, float. Beside them the processor's, with all cores, where
// asked.
//
//     bench_gpu [--most-copies N] [--rounds N] [--cpu]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <pigrad/core/error.hpp>
#include <pigrad/core/parallel.hpp>
#include <pigrad/cuda/algorithm.hpp>
#include <pigrad/cuda/device.hpp>
#include <string>
#include <vector>

#include "training_settings.hpp"

namespace {

using namespace pigrad;

struct Rate {
  double median = 0, least = 0, most = 0;
};

Rate rate_of(Algorithm& algorithm, int rounds) {
  std::vector<double> rates;
  algorithm.epoch(hardware_threads());
  for (int i = 0; i < rounds; ++i) {
    const std::int64_t before = algorithm.steps_done();
    const auto begin = std::chrono::steady_clock::now();
    algorithm.epoch(hardware_threads());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    rates.push_back(static_cast<double>(algorithm.steps_done() - before) / seconds);
  }
  std::sort(rates.begin(), rates.end());
  return {rates[rates.size() / 2], rates.front(), rates.back()};
}

}  // namespace

int main(int count, char** words) {
  int most = 1 << 20, rounds = 9;
  bool cpu = false;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--most-copies") == 0 && i + 1 < count) most = std::atoi(words[++i]);
    if (std::strcmp(words[i], "--rounds") == 0 && i + 1 < count) rounds = std::max(1, std::atoi(words[++i]));
    if (std::strcmp(words[i], "--cpu") == 0) cpu = true;
  }
  std::printf("%s\n%-6s %9s %12s %26s\n", describe_device().c_str(), "loop", "copies", "device",
              "steps/s (least, most)");
  const Registry environments = Registry::builtin();
  for (const bool ppo : {false, true})
    for (int copies = 1024; copies <= most; copies *= 4) {
      TrainSettings settings = ppo ? bench::ppo_copies() : bench::a2c_copies();
      settings.copies = copies;
      if (ppo) settings.minibatch = settings.steps * (copies / 4);
      const auto show = [&](const char* device, auto make) {
        try {
          const Rate rate = rate_of(*make(settings, environments), rounds);
          std::printf("%-6s %9d %12s %14.4g (%.4g, %.4g)\n", ppo ? "ppo" : "a2c", copies, device, rate.median,
                      rate.least, rate.most);
        } catch (const Error& error) {
          std::printf("%-6s %9d %12s %s\n", ppo ? "ppo" : "a2c", copies, device, error.what());
        }
        std::fflush(stdout);
      };
      show("cuda", make_device_algorithm);
      if (cpu) show("cpu", make_algorithm);
    }
  return 0;
}
