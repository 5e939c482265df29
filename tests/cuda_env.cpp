#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <pigrad/cuda/dynamics.hpp>
#include <pigrad/cuda/random.hpp>
#include <pigrad/env/acrobot.hpp>
#include <pigrad/env/cartpole.hpp>
#include <pigrad/env/mountain_car.hpp>
#include <pigrad/env/panel_dynamics.hpp>
#include <pigrad/env/pendulum.hpp>
#include <pigrad/env/swingup.hpp>

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

namespace {

// Each step of each copy starts from the CPU's state: 100 steps of 1000 copies, far beyond the first ends.
template <class Env, class T>
void compare_with_cpu(const Spec& spec, double tolerance, int least_ends) {
  CAPTURE(spec.id);
  constexpr int copies = 1000, fields = PanelDynamics<Env, T>::fields, features = Env::observation_size;
  constexpr std::ptrdiff_t ld = 1024;
  const Random resets(3, Purpose::reset), actions(3, Purpose::action);
  PanelDynamics<Env, T> cpu(copies, {});

  std::vector<T> states(fields * ld), reward(copies);
  std::vector<std::uint64_t> episodes(copies);
  const auto keep_states = [&] {
    for (int c = 0; c < copies; ++c) {
      double state[fields];
      cpu.get_state(c, state);
      for (int f = 0; f < fields; ++f) states[static_cast<std::size_t>(f * ld + c)] = static_cast<T>(state[f]);
    }
  };
  for (int c = 0; c < copies; ++c) {
    episodes[static_cast<std::size_t>(c)] = static_cast<std::uint64_t>(c) % 17;
    cpu.reset(c, Draws(resets, static_cast<std::uint32_t>(c), episodes[static_cast<std::size_t>(c)]));
  }
  keep_states();
  DeviceArray<std::uint64_t> device_episodes(episodes);
  DeviceArray<T> device_states(std::vector<T>(fields * ld)), device_reward(copies), device_obs(features * ld);
  DeviceArray<std::uint8_t> device_terminated(copies);
  const DeviceStates<T> panel{copies, device_states.data(), ld};
  device_reset<Env, T>({}, resets, device_episodes.data(), panel);
  const auto starts = device_states.download();
  double worst_start = 0;
  for (std::size_t i = 0; i < states.size(); ++i)
    if (static_cast<std::ptrdiff_t>(i) % ld < copies) worst_start = std::max(worst_start, error(starts[i], states[i]));
  CHECK(worst_start < (sizeof(T) == 8 ? 1e-14 : 1e-6));

  int wrong_flags = 0, other_bits = 0, ends = 0;
  double worst = 0, worst_reward = 0;
  std::vector<T> expected(features * ld), box(copies);
  std::vector<std::uint8_t> terminated(copies);
  std::vector<std::int32_t> index(copies);
  for (std::uint64_t t = 0; t < 100; ++t) {
    for (std::uint32_t c = 0; c < copies; ++c) {
      if (spec.action.is_discrete())
        index[c] = Draws(actions, c, t).below(0, spec.action.n);
      else
        box[c] =
            Draws(actions, c, t).between(0, static_cast<T>(spec.action.low[0]), static_cast<T>(spec.action.high[0]));
    }
    const auto act = [&](const std::int32_t* i, const T* b) {
      return spec.action.is_discrete() ? Actions<T>::discrete(i) : Actions<T>::box(b, copies);
    };
    keep_states();
    device_states.upload(states.data());
    DeviceArray<std::int32_t> device_index(index);
    DeviceArray<T> device_box(box);
    device_step<Env, T>({}, panel, act(device_index.data(), device_box.data()), device_reward.data(),
                        device_terminated.data());
    device_observe<Env, T>({}, panel, device_obs.data(), ld);
    cpu.step(0, copies, act(index.data(), box.data()), reward.data(), terminated.data());
    cpu.observe(0, copies, expected.data(), ld);
    const auto found = device_obs.download();
    const auto found_terminated = device_terminated.download();
    const auto found_reward = device_reward.download();
    for (std::size_t c = 0; c < copies; ++c) {
      wrong_flags += found_terminated[c] != terminated[c];
      worst_reward = std::max(worst_reward, error(found_reward[c], reward[c]));
      ends += terminated[c];
      for (std::size_t f = 0; f < features; ++f) {
        worst = std::max(worst, error(found[f * ld + c], expected[f * ld + c]));
        other_bits += std::memcmp(&found[f * ld + c], &expected[f * ld + c], sizeof(T)) != 0;
      }
    }
  }
  CHECK(ends >= least_ends);
  CHECK(wrong_flags == 0);
  CHECK(worst < tolerance);
  CHECK(worst_reward < tolerance);
  MESSAGE(spec.id << ": 100000 steps, largest error " << worst << ", " << other_bits << " of " << 100000 * features
                  << " numbers with other bits");
}

}  // namespace

TEST_CASE_TEMPLATE("the classic tasks start and step on the device as on the CPU", T, float, double) {
  if (no_device()) return;
  const double tight = sizeof(T) == 8 ? 1e-14 : 1e-6, loose = sizeof(T) == 8 ? 1e-12 : 1e-4;
  compare_with_cpu<CartPole, T>(CartPole::spec(1), tight, 1000);
  compare_with_cpu<CartPoleSwingUp, T>(CartPoleSwingUp::spec(0), tight, 0);
  compare_with_cpu<Pendulum, T>(Pendulum::spec(), tight, 0);
  compare_with_cpu<MountainCar, T>(MountainCar::spec(), tight, 0);
  compare_with_cpu<MountainCarContinuous, T>(MountainCarContinuous::spec(), tight, 0);
  compare_with_cpu<Acrobot, T>(Acrobot::spec(), loose, 0);
}
