#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <pigrad/cuda/dynamics.hpp>
#include <pigrad/cuda/random.hpp>
#include <pigrad/env/cartpole.hpp>
#include <pigrad/env/panel_dynamics.hpp>

#include "cuda_device.hpp"

using namespace pigrad;

namespace {

constexpr std::uint64_t counters[] = {0, 12345, (std::uint64_t(1) << 40) + 7};

template <class T>
double error(T found, T expected) {
  const double a = static_cast<double>(found), b = static_cast<double>(expected);
  return std::abs(a - b) / std::max(1.0, std::abs(b));
}

}  // namespace

TEST_CASE("threefry2x32 gives the known answers of its paper's library on the device") {
  if (no_device()) return;
  DeviceArray<Bits> keys(std::vector<Bits>{{0, 0}, {~0u, ~0u}, {0x13198a2eu, 0x03707344u}});
  DeviceArray<Bits> at(std::vector<Bits>{{0, 0}, {~0u, ~0u}, {0x243f6a88u, 0x85a308d3u}});
  DeviceArray<Bits> out(3);
  device_threefry2x32(3, keys.data(), at.data(), out.data());
  const auto bits = out.download();
  CHECK(bits[0].a == 0x6b200159u);
  CHECK(bits[0].b == 0x99ba4efeu);
  CHECK(bits[1].a == 0x1cb996fcu);
  CHECK(bits[1].b == 0xbb002be7u);
  CHECK(bits[2].a == 0xc4923a9cu);
  CHECK(bits[2].b == 0x483df7a0u);
}

TEST_CASE_TEMPLATE("uniforms on the device are the CPU's bits, normals its values", T, float, double) {
  if (no_device()) return;
  const int streams = 5000;
  const Random random(9, Purpose::test);
  DeviceArray<T> uniform(streams), normal(streams);
  int different = 0;
  double worst = 0;
  for (const std::uint64_t counter : counters) {
    device_uniform(random, streams, counter, uniform.data());
    device_normal(random, streams, counter, normal.data());
    const auto u = uniform.download(), z = normal.download();
    for (std::uint32_t s = 0; s < streams; ++s) {
      different += u[s] != random.uniform<T>(s, counter);
      worst = std::max(worst, error(z[s], random.normal<T>(s, counter)));
    }
  }
  CHECK(different == 0);
  CHECK(worst < (sizeof(T) == 8 ? 1e-14 : 1e-6));
}

TEST_CASE_TEMPLATE("CartPole starts and steps on the device as on the CPU", T, float, double) {
  if (no_device()) return;
  const int copies = 1000;
  const std::ptrdiff_t ld = 1024;
  const Random resets(3, Purpose::reset), actions(3, Purpose::action);
  PanelDynamics<CartPole, T> cpu(copies, {});

  std::vector<T> states(4 * ld), reward(copies);
  std::vector<std::uint64_t> episodes(copies);
  for (int c = 0; c < copies; ++c) {
    episodes[static_cast<std::size_t>(c)] = static_cast<std::uint64_t>(c) % 17;
    cpu.reset(c, Draws(resets, static_cast<std::uint32_t>(c), episodes[static_cast<std::size_t>(c)]));
  }
  DeviceArray<std::uint64_t> device_episodes(episodes);
  DeviceArray<T> device_states(states), device_reward(copies), device_obs(4 * ld);
  DeviceArray<std::uint8_t> device_terminated(copies);
  const DeviceStates<T> panel{copies, device_states.data(), ld};
  device_reset<CartPole, T>({}, resets, device_episodes.data(), panel);

  std::vector<T> expected(4 * ld);
  cpu.observe(0, copies, expected.data(), ld);
  auto found = device_states.download();
  int wrong_starts = 0;
  for (std::size_t f = 0; f < 4; ++f)
    for (std::size_t c = 0; c < copies; ++c) wrong_starts += found[f * ld + c] != expected[f * ld + c];
  CHECK(wrong_starts == 0);

  // Each step of each copy starts from the CPU's state: 100 steps of 1000 copies, far beyond every end.
  int wrong_flags = 0, other_bits = 0, ends = 0;
  double worst = 0;
  std::vector<std::uint8_t> terminated(copies);
  std::vector<std::int32_t> index(copies);
  for (std::uint64_t t = 0; t < 100; ++t) {
    for (std::uint32_t c = 0; c < copies; ++c) index[c] = static_cast<std::int32_t>(actions(c, t).a & 1u);
    device_states.upload(expected.data());
    DeviceArray<std::int32_t> device_index(index);
    device_step<CartPole, T>({}, panel, Actions<T>::discrete(device_index.data()), device_reward.data(),
                             device_terminated.data());
    device_observe<CartPole, T>({}, panel, device_obs.data(), ld);
    cpu.step(0, copies, Actions<T>::discrete(index.data()), reward.data(), terminated.data());
    cpu.observe(0, copies, expected.data(), ld);
    found = device_obs.download();
    const auto found_terminated = device_terminated.download();
    const auto found_reward = device_reward.download();
    for (std::size_t c = 0; c < copies; ++c) {
      wrong_flags += found_terminated[c] != terminated[c] || found_reward[c] != reward[c];
      ends += terminated[c];
      for (std::size_t f = 0; f < 4; ++f) {
        worst = std::max(worst, error(found[f * ld + c], expected[f * ld + c]));
        other_bits += std::memcmp(&found[f * ld + c], &expected[f * ld + c], sizeof(T)) != 0;
      }
    }
  }
  CHECK(ends > 1000);
  CHECK(wrong_flags == 0);
  CHECK(worst < (sizeof(T) == 8 ? 1e-14 : 1e-6));
  MESSAGE("100000 steps: largest error " << worst << ", " << other_bits << " of 400000 numbers with other bits");
}
