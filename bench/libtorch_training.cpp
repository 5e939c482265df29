#include <cstdio>
#include <exception>
#include <pigrad/core/backend.hpp>

#include "harness.hpp"
#include "same_start.hpp"
#include "torch_training.hpp"
#include "training_settings.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

template <class T>
bool check(const char* what, const TrainSettings& settings, const Registry& environments, int epochs,
           double tolerance) {
  const auto ours = on_policy<T>(settings, environments);
  const auto torch = torch_training<T>(settings, environments, ours->layout(), values(ours->agent().parameters()),
                                       TorchAdam::frontend);
  for (int i = 0; i < epochs; ++i) ours->epoch(1), torch->epoch();
  const Difference d = compare(ours->layout(), torch->parameters(), values(ours->agent().parameters()), tolerance);
  std::printf("%s, %s, parameters after %d epochs: largest difference of a tensor %.1e of its norm%s%s\n", what,
              sizeof(T) == sizeof(float) ? "float" : "double", epochs, d.relative,
              d.tensor.empty() ? "" : "; DIFFERS first in ", d.tensor.c_str());
  return d.tensor.empty();
}

void race(const std::string& what, const TrainSettings& settings, const Registry& environments,
          const Arguments& arguments, Report& report) {
  std::unique_ptr<OnPolicy<float>> ours;
  std::unique_ptr<TorchTraining<float>> torch;
  const auto begin = [&](TorchAdam adam) {
    const auto start = on_policy<float>(settings, environments);
    torch = torch_training<float>(settings, environments, start->layout(), values(start->agent().parameters()), adam);
  };
  const auto epoch = [&] { torch->epoch(); };
  Comparison comparison{what + ", float", {"pigrad", "LibTorch", "LibTorch, fused Adam"}, {}, 1};
  comparison.samples =
      interleave({{"pigrad", [&] { ours = on_policy<float>(settings, environments); }, [&] { ours->epoch(1); }},
                  {"LibTorch", [&] { begin(TorchAdam::frontend); }, epoch},
                  {"LibTorch, fused Adam", [&] { begin(TorchAdam::fused); }, epoch}},
                 arguments);
  for (auto& row : comparison.samples)
    for (double& s : row) s = settings.steps * settings.copies / s / 1e3;
  report.add(comparison);
}

int compare_all(const Arguments& arguments) {
  const std::string torch = settle_torch();
  const Registry environments = Registry::builtin();
  const TrainSettings a2c = a2c_copies(), ppo = ppo_copies();
  bool same = check<double>("A2C", a2c, environments, 20, 1e-9);
  same = check<float>("A2C", a2c, environments, 1, 1e-4) && same;
  same = check<double>("PPO", ppo, environments, 3, 1e-8) && same;
  if (!same) {
    std::fprintf(stderr, "bench: the loops do not compute the same, so nothing is timed\n");
    return 1;
  }
  if (arguments.parity) return 0;
  Report report("libtorch_training", arguments, "thousand steps/s", 1);
  report.fact("LibTorch", torch);
  report.fact("pigrad", std::string("backend ") + find_backend<float>().name + ", one thread");
  report.fact("measured", "whole training loop, environment steps/s; LibTorch's leaves metrics out");
  race("A2C 64 × 16", a2c, environments, arguments, report);
  race("PPO 64 × 128", ppo, environments, arguments, report);
  report.finish();
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  return compare_all(Arguments::parse(argc, argv));
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
