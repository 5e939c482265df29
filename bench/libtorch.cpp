#include <cstdio>
#include <exception>

#include "harness.hpp"
#include "torch_update.hpp"

namespace {

using namespace pigrad;
using namespace pigrad::bench;

template <class T>
constexpr const char* scalar_name = sizeof(T) == sizeof(float) ? "float" : "double";
template <class T>
constexpr double tolerance = sizeof(T) == sizeof(float) ? 1e-5 : 1e-11;

template <class T>
Contender contender(const char* name, Update<T>& update) {
  return {name, [&] { update.reset(); }, [&] { update.step(); }};
}

template <class T>
bool check(const UpdateModel& model, int rows) {
  const UpdateData<T> data(rows);
  TapeUpdate<T> tape(model, data.view());
  TorchUpdate<T> frontend(model, data.view(), TorchAdam::frontend), fused(model, data.view(), TorchAdam::fused);
  const std::string what = std::string(scalar_name<T>) + " " + std::to_string(rows);
  const bool first = agree<T>(what, model.layout, frontend, tape, tolerance<T>);
  return agree<T>(what + ", fused Adam", model.layout, fused, tape, tolerance<T>) && first;
}

template <class T>
void race(const UpdateModel& model, int rows, const Arguments& arguments, Report& report) {
  const UpdateData<T> data(rows);
  TapeUpdate<T> tape(model, data.view());
  TorchUpdate<T> frontend(model, data.view(), TorchAdam::frontend), fused(model, data.view(), TorchAdam::fused);
  auto samples = interleave(
      {contender<T>("pigrad", tape), contender<T>("LibTorch", frontend), contender<T>("LibTorch, fused Adam", fused)},
      arguments);
  for (auto& contender : samples)
    for (double& s : contender) s *= 1e6;
  report.add({std::string(scalar_name<T>) + " " + std::to_string(rows),
              {"pigrad", "LibTorch", "LibTorch, fused Adam"},
              samples,
              0});
}

int compare_all(const Arguments& arguments) {
  const std::string torch = settle_torch();
  const UpdateModel model;
  bool same = true;
  for (const int rows : arguments.sizes) {
    same = check<float>(model, rows) && same;
    same = check<double>(model, rows) && same;
  }
  if (!same) {
    std::fprintf(stderr, "bench: the contenders do not compute the same, so nothing is timed\n");
    return 1;
  }
  if (arguments.parity) return 0;
  const UpdateData<float> data(1);
  Report report("libtorch", arguments, "µs an update", 1);
  report.fact("LibTorch", torch);
  report.fact("pigrad", std::string("backend ") + TapeUpdate<float>(model, data.view()).backend() + ", one thread");
  report.fact("update", "actor 4-64-64-2 and critic 4-64-64-1, tanh, A2C loss, forward + backward + Adam");
  for (const int rows : arguments.sizes) race<float>(model, rows, arguments, report);
  for (const int rows : arguments.sizes) race<double>(model, rows, arguments, report);
  report.finish();
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  return compare_all(Arguments::parse(argc, argv, {16, 64, 400, 2048, 4096}));
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 2;
}
