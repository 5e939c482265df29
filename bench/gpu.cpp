// Environment steps per second of whole training loops on a GPU, from few copies to many: A2C with 16 steps and PPO
// with 128, 64-64 tanh actor and critic on CartPole-v1, float. Beside them the processor's, with all cores, where
// asked. Or layers' products, forward and backward, by our own kernels and by cuBLAS: what widest_own_product
// (cuda/blas.hpp) should be on this device.
//
//     bench_gpu [--most-copies N] [--rounds N] [--cpu]
//     bench_gpu --products
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <pigrad/core/error.hpp>
#include <pigrad/core/parallel.hpp>
#include <pigrad/cuda/algorithm.hpp>
#include <pigrad/cuda/device.hpp>
#include <pigrad/cuda/kernels.hpp>
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

template <class T>
DeviceOp<T> affine_of_device() {
  for (const DeviceOp<T>& entry : device_products<T>())
    if (std::strcmp(entry.op->name, "affine") == 0) return entry;
  throw Error("affine", "it has no kernel", "see cuda/products.cu");
}

/// Microseconds of an affine of `width` inputs and outputs, forward and vjp, the least of 5 rounds.
template <class T>
double microseconds(int rows, int width, bool by_blas) {
  const auto panel = static_cast<std::size_t>(rows) * static_cast<std::size_t>(width);
  const auto square = static_cast<std::size_t>(width) * static_cast<std::size_t>(width);
  DeviceArray<T> x(std::vector<T>(panel, T(0.5))), y(panel), y_bar(std::vector<T>(panel, T(0.1))), x_bar(panel);
  DeviceArray<T> w(std::vector<T>(square, T(0.01))), w_bar(square);
  DeviceArray<T> b(std::vector<T>(static_cast<std::size_t>(width))), scratch(scratch_scalars);
  const auto blas = by_blas ? make_blas(scratch.data(), scratch.size() * sizeof(T)) : nullptr;
  if (by_blas && !blas) return std::nan("");
  DeviceCall<T> call;
  call.scratch = scratch.data();
  call.blas = blas.get();
  call.blas_above = 0;
  call.rows = rows;
  call.columns = width;
  call.shapes[0].columns = width;
  call.in[0] = {x.data(), nullptr, rows, 1};
  call.in[1] = {w.data(), nullptr, 1, width};
  call.in[2] = {b.data(), nullptr, 1, width};
  call.out = {y.data(), nullptr, rows, 1};
  call.out_bar = {y_bar.data(), nullptr, rows, 1};
  call.in_bar[0] = {x_bar.data(), nullptr, rows, 1};
  call.in_bar[1] = {w_bar.data(), nullptr, 1, width};
  call.fresh[0] = true;
  const DeviceOp<T> affine = affine_of_device<T>();
  constexpr int calls = 10;
  double least = 1e30;
  for (int round = 0; round < 6; ++round) {
    device_synchronize();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) affine.forward(call), affine.vjp(call);
    device_synchronize();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (round > 0) least = std::min(least, seconds / calls * 1e6);
  }
  return least;
}

int time_products() {
  if (device_count() == 0) return std::printf("%s\n", describe_device().c_str()), 1;
  std::printf("%s, %s\n%8s %6s %14s %14s %14s %14s\n", describe_device().c_str(), describe_blas().c_str(), "rows",
              "width", "float own, µs", "cuBLAS, µs", "double own, µs", "cuBLAS, µs");
  for (const int rows : {2048, 16384, 131072})
    for (const int width : {16, 32, 64, 128, 192, 256, 384, 512, 1024, 2048}) {
      std::printf("%8d %6d %14.1f %14.1f %14.1f %14.1f\n", rows, width, microseconds<float>(rows, width, false),
                  microseconds<float>(rows, width, true), microseconds<double>(rows, width, false),
                  microseconds<double>(rows, width, true));
      std::fflush(stdout);
    }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  int most = 1 << 20, rounds = 9;
  bool cpu = false;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--most-copies") == 0 && i + 1 < count) most = std::atoi(words[++i]);
    if (std::strcmp(words[i], "--rounds") == 0 && i + 1 < count) rounds = std::max(1, std::atoi(words[++i]));
    if (std::strcmp(words[i], "--cpu") == 0) cpu = true;
    if (std::strcmp(words[i], "--products") == 0) return time_products();
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
      show("cuda", [](const auto& s, const auto& all) { return make_device_algorithm(s, all); });
      if (cpu) show("cpu", [](const auto& s, const auto& all) { return make_algorithm(s, all); });
    }
  return 0;
}
