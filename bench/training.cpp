#include <cstdio>
#include <exception>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/parallel.hpp>
#include <pigrad/rl/algorithm.hpp>

#include "harness.hpp"
#include "training_settings.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

void race(const char* what, const TrainSettings& settings, const Arguments& arguments, Report& report) {
  const Registry environments = Registry::builtin();
  std::vector<std::unique_ptr<Algorithm>> running(arguments.threads.size());
  std::vector<Contender> contenders;
  Comparison comparison;
  comparison.what = what;
  for (std::size_t i = 0; i < running.size(); ++i) {
    const int threads = arguments.threads[i];
    const std::string name = std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    comparison.names.push_back(name);
    contenders.push_back({name, [&, i] { running[i] = make_algorithm(settings, environments); },
                          [&, i, threads] { running[i]->epoch(threads); }});
  }
  comparison.samples = interleave(contenders, arguments);
  for (auto& row : comparison.samples)
    for (double& s : row) s = settings.steps * settings.copies / s / 1e3;
  report.add(comparison);
}

}  // namespace

int main(int argc, char** argv) try {
  using namespace pigrad::bench;
  const Arguments arguments = Arguments::parse(argc, argv);
  Report report("training", arguments, "thousand steps/s", 1);
  report.fact("backend", pigrad::find_backend<float>().name);
  report.fact("parallel", pigrad::parallel_backend());
  report.fact("measured", "whole training loop, environment steps/s: collect, estimate, update, metrics");
  race("a2c-cartpole", a2c_cartpole(), arguments, report);
  race("A2C 64 × 16", a2c_copies(), arguments, report);
  report.finish();
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
