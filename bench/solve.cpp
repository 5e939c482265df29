#include <cstdio>
#include <cstdlib>
#include <exception>
#include <pigrad/app/recipes.hpp>
#include <pigrad/core/error.hpp>
#include <pigrad/rl/algorithm.hpp>
#include <string>

#include "scaled_pendulum.hpp"
#include "training_settings.hpp"

namespace {

using namespace pigrad;

struct Aim {
  TrainSettings settings;
  double bar;    ///< what the mean return of so many greedy episodes has to reach, and then of 100
  int between;   ///< environment steps from one evaluation to the next
  int episodes;  ///< 100 need no second look
};

/// RL Zoo's PPO on CartPole-v1, or RLtools' example on Pendulum-v1.
Aim aim_of(const std::string& task) {
  if (task == "cartpole") return {app::recipe_settings("ppo-cartpole", ""), 475, 2048, 20};
  if (task == "pendulum") {
    Aim aim{bench::rltools_pendulum(), -200, 4096, 100};
    aim.settings.epochs = 74;
    return aim;
  }
  throw Error("bench_solve", "there is no task " + task, "choose cartpole or pendulum");
}

}  // namespace

// bench_solve cartpole|pendulum [--threads N] --seed N: PPO until the task is solved, as one line of JSON. Its time is
// the process's own.
int main(int argc, char** argv) try {
  Aim aim = aim_of(argc > 1 ? argv[1] : "");
  int threads = 1;
  for (int i = 2; i + 1 < argc; i += 2) {
    if (std::string(argv[i]) == "--threads") threads = std::atoi(argv[i + 1]);
    if (std::string(argv[i]) == "--seed") aim.settings.seed = std::atoll(argv[i + 1]);
  }
  const Registry environments = bench::bench_environments();
  const auto algorithm = make_algorithm(aim.settings, environments);
  double score = 0, confirmed = 0;
  bool solved = false;
  while (!solved && algorithm->epochs_done() < aim.settings.epochs) {
    algorithm->epoch(threads);
    if (algorithm->steps_done() % aim.between != 0) continue;
    score = algorithm->evaluate(aim.episodes, true, threads).mean;
    if (score < aim.bar) continue;
    confirmed = aim.episodes == 100 ? score : algorithm->evaluate(100, true, threads).mean;
    solved = confirmed >= aim.bar;
  }
  std::printf("{\"solved\": %s, \"steps\": %lld, \"score\": %g, \"confirmed\": %g}\n", solved ? "true" : "false",
              static_cast<long long>(algorithm->steps_done()), score, confirmed);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
