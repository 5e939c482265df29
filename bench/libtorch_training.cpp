#include <cstdio>
#include <exception>
#include <pigrad/core/backend.hpp>
#include <pigrad/rl/a2c.hpp>

#include "harness.hpp"
#include "torch_a2c.hpp"
#include "training_settings.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

template <class T>
std::vector<T> values(const Parameters<T>& parameters) {
  return {parameters.data(), parameters.data() + parameters.size()};
}

template <class T>
bool check(const TrainSettings& settings, const Registry& environments, int epochs, double tolerance) {
  A2c<T> ours(settings, environments);
  TorchA2c<T> torch(settings, environments, ours.layout(), values(ours.agent().parameters()), TorchAdam::frontend);
  for (int i = 0; i < epochs; ++i) ours.epoch(1), torch.epoch();
  const Difference d = compare(ours.layout(), torch.parameters(), values(ours.agent().parameters()), tolerance);
  std::printf("%s, parameters after %d epochs: largest difference of a tensor %.1e of its norm%s%s\n",
              sizeof(T) == sizeof(float) ? "float" : "double", epochs, d.relative,
              d.tensor.empty() ? "" : "; DIFFERS first in ", d.tensor.c_str());
  return d.tensor.empty();
}

void race(const TrainSettings& settings, const Registry& environments, const Arguments& arguments, Report& report) {
  std::unique_ptr<A2c<float>> ours;
  std::unique_ptr<TorchA2c<float>> torch;
  const auto begin = [&](TorchAdam adam) {
    const A2c<float> start(settings, environments);
    torch = std::make_unique<TorchA2c<float>>(settings, environments, start.layout(),
                                              values(start.agent().parameters()), adam);
  };
  const auto epoch = [&] { torch->epoch(); };
  Comparison comparison{"A2C 64 × 16, float", {"pigrad", "LibTorch", "LibTorch, fused Adam"}, {}, 1};
  comparison.samples = interleave(
      {{"pigrad", [&] { ours = std::make_unique<A2c<float>>(settings, environments); }, [&] { ours->epoch(1); }},
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
  const TrainSettings settings = a2c_copies();
  const bool in_double = check<double>(settings, environments, 20, 1e-9);
  const bool in_float = check<float>(settings, environments, 1, 1e-4);
  if (!in_double || !in_float) {
    std::fprintf(stderr, "bench: the loops do not compute the same, so nothing is timed\n");
    return 1;
  }
  if (arguments.parity) return 0;
  Report report("libtorch_training", arguments, "thousand steps/s", 1);
  report.fact("LibTorch", torch);
  report.fact("pigrad", std::string("backend ") + find_backend<float>().name + ", one thread");
  report.fact("measured", "whole training loop, environment steps/s; LibTorch's leaves metrics out");
  race(settings, environments, arguments, report);
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
