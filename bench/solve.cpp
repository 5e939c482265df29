#include <cstdio>
#include <cstdlib>
#include <exception>
#include <pigrad/app/recipes.hpp>
#include <pigrad/rl/algorithm.hpp>
#include <string>

// bench_solve [--threads N] --seed N: RL Zoo's PPO on CartPole-v1 until it is solved, as one line of JSON. Solved: 20
// greedy episodes every 2,048 steps have a mean of at least 475, and then 100. Its time is the process's own.
int main(int argc, char** argv) try {
  using namespace pigrad;
  constexpr int between = 2048;
  constexpr double bar = 475;
  TrainSettings settings = app::recipe_settings("ppo-cartpole", "");
  int threads = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string(argv[i]) == "--threads") threads = std::atoi(argv[i + 1]);
    if (std::string(argv[i]) == "--seed") settings.seed = std::atoll(argv[i + 1]);
  }
  const Registry environments = Registry::builtin();
  const auto algorithm = make_algorithm(settings, environments);
  double score = 0, confirmed = 0;
  bool solved = false;
  while (!solved && algorithm->epochs_done() < settings.epochs) {
    algorithm->epoch(threads);
    if (algorithm->steps_done() % between != 0) continue;
    score = algorithm->evaluate(20, true, threads).mean;
    if (score < bar) continue;
    confirmed = algorithm->evaluate(100, true, threads).mean;
    solved = confirmed >= bar;
  }
  std::printf("{\"solved\": %s, \"steps\": %lld, \"score\": %g, \"confirmed\": %g}\n", solved ? "true" : "false",
              static_cast<long long>(algorithm->steps_done()), score, confirmed);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
