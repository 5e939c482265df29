// The learning results of recipes over many seeds: the mean return of the last ten epochs, one run a thread.
//   bench_seeds [--seeds N] [--first K] [RECIPE:VARIANT ...]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pigrad/app/environments.hpp>
#include <pigrad/app/recipes.hpp>
#include <pigrad/app/versions.hpp>
#include <pigrad/core/error.hpp>
#include <pigrad/core/parallel.hpp>
#include <pigrad/rl/algorithm.hpp>
#include <string>
#include <vector>

namespace {

using namespace pigrad;

struct Result {
  double last_ten = 0, greedy = 0, seconds = 0;
};

Result run(TrainSettings settings, std::int64_t seed) {
  constexpr int last = 10;
  settings.seed = seed;
  const Registry environments = app::all_environments();
  const auto begin = std::chrono::steady_clock::now();
  const auto algorithm = make_algorithm(settings, environments);
  std::vector<double> means;
  while (algorithm->epochs_done() < settings.epochs) {
    for (const auto& [name, value] : algorithm->epoch(1))
      if (name == "rollout/ep_rew_mean" && std::isfinite(value)) means.push_back(value);
  }
  Result result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::size_t count = std::min<std::size_t>(last, means.size());
  for (std::size_t i = means.size() - count; i < means.size(); ++i)
    result.last_ten += means[i] / static_cast<double>(count);
  result.greedy = algorithm->evaluate(settings.evaluate_episodes, true, 1).mean;
  return result;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

template <class Get>
std::vector<double> column(const std::vector<Result>& results, Get get) {
  std::vector<double> values;
  for (const Result& r : results) values.push_back(get(r));
  return values;
}

int measure(int argc, char** argv) {
  int seeds = 20, first = 1;
  std::vector<std::string> wanted;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--seeds") == 0 && i + 1 < argc)
      seeds = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--first") == 0 && i + 1 < argc)
      first = std::atoi(argv[++i]);
    else
      wanted.emplace_back(argv[i]);
  }
  if (seeds < 1) throw Error("--seeds", std::to_string(seeds) + " seeds", "give at least 1");
  if (wanted.empty())
    for (const app::Recipe& r : app::recipes()) {
      wanted.push_back(r.name + ":recommended");
      for (const auto& variant : r.variants) wanted.push_back(r.name + ":" + variant.first);
    }
  const int threads = hardware_threads();
  for (const auto& [key, value] : app::versions()) std::printf("%s: %s\n", key.c_str(), value.c_str());
  std::printf("seeds %d to %d, %d runs at a time, one thread each\n\n", first, first + seeds - 1, threads);
  std::printf(
      "| recipe | variant | last ten epochs: median (quartiles; least–most) | greedy: median (least) | seconds a run "
      "|\n");
  std::printf("|---|---|---|---|---|\n");
  for (const std::string& name : wanted) {
    const std::size_t colon = name.find(':');
    const std::string variant = colon == std::string::npos ? "" : name.substr(colon + 1);
    const TrainSettings settings = app::recipe_settings(name.substr(0, colon), variant);
    std::vector<Result> results(static_cast<std::size_t>(seeds));
    parallel_for(threads, seeds, [&](int i, int) { results[static_cast<std::size_t>(i)] = run(settings, first + i); });
    const auto last = column(results, [](const Result& r) { return r.last_ten; });
    const auto greedy = column(results, [](const Result& r) { return r.greedy; });
    const auto seconds = column(results, [](const Result& r) { return r.seconds; });
    std::printf("| `%s` | %s | %.0f (%.0f–%.0f; %.0f–%.0f) | %.0f (%.0f) | %.1f |\n", settings.recipe.c_str(),
                settings.variant.c_str(), quantile(last, 0.5), quantile(last, 0.25), quantile(last, 0.75),
                quantile(last, 0), quantile(last, 1), quantile(greedy, 0.5), quantile(greedy, 0),
                quantile(seconds, 0.5));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return measure(argc, argv);
  } catch (const pigrad::Error& error) {
    std::fprintf(stderr, "bench_seeds: %s\n", error.what());
    return 2;
  }
}
