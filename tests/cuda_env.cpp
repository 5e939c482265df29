#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <pigrad/cuda/environment.hpp>
#include <pigrad/cuda/random.hpp>
#include <pigrad/env/registry.hpp>

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

/// Each step of each copy starts from the CPU's state, with its counters: 100 steps of 500 copies, beyond the first
/// ends and time limits, with box actions beyond the bounds too.
template <class T>
void compare_with_cpu(const std::string& name, double tolerance, int least_ends, int least_limits) {
  CAPTURE(name);
  constexpr int copies = 500, steps = 100;
  const Registry registry = Registry::builtin();
  const Spec& spec = registry.spec(name);
  const auto cpu = registry.make<T>(name, copies, 3);
  const auto device = make_device_env<T>(spec, copies);
  const int features = spec.observation.size(), dimensions = spec.action.is_discrete() ? 0 : spec.action.size();
  const auto panel = static_cast<std::size_t>(features * copies), count = static_cast<std::size_t>(copies);
  std::vector<double> start = cpu->save();
  const std::size_t a_copy = (start.size() - 4) / count;
  for (std::size_t c = 0; c < count; ++c) {
    start[4 + c * a_copy] = std::min(spec.max_steps > 0 ? spec.max_steps - 1.0 : 7.0, static_cast<double>(c % 250));
    start[4 + c * a_copy + 2] = static_cast<double>(c % 17);
  }
  cpu->load(start);

  std::vector<T> obs(panel), final_obs(panel), reward(count), box(static_cast<std::size_t>(dimensions) * count);
  std::vector<std::uint8_t> terminated(count), truncated(count);
  std::vector<double> total(count);
  std::vector<std::int32_t> length(count), index(count);
  DeviceArray<T> device_obs(panel), device_reward(count), device_final(panel);
  DeviceArray<std::uint8_t> device_terminated(count), device_truncated(count);
  DeviceArray<double> device_total(count);
  DeviceArray<std::int32_t> device_length(count), slot(count), used(count);

  const Random actions(3, Purpose::action);
  double worst = 0;
  int wrong = 0, ends = 0, limits = 0;
  for (std::uint64_t t = 0; t < steps; ++t) {
    for (std::uint32_t c = 0; c < count; ++c) {
      if (dimensions == 0) index[c] = Draws(actions, c, t).below(0, spec.action.n);
      for (int a = 0; a < dimensions; ++a)
        box[static_cast<std::size_t>(a * copies) + c] =
            Draws(actions, c, t).between(a, T(-2), T(2)) * static_cast<T>(spec.action.high[0]);
    }
    device->load(cpu->save());
    const DeviceArray<std::int32_t> device_index(index);
    const DeviceArray<T> device_box(box);
    const bool last = t % 2 == 1;
    detail::clear_on_device(used.data(), count * sizeof(std::int32_t));
    device->step(
        dimensions == 0 ? Actions<T>::discrete(device_index.data()) : Actions<T>::box(device_box.data(), copies),
        {device_obs.data(), copies, device_reward.data(), device_terminated.data(), device_truncated.data(),
         device_total.data(), device_length.data(), device_final.data(), copies, slot.data(), used.data(), 1, last});
    StepBuffers<T> out;
    out.obs = obs.data(), out.obs_ld = copies, out.reward = reward.data(), out.terminated = terminated.data();
    out.truncated = truncated.data(), out.final_obs = final_obs.data(), out.final_ld = copies;
    out.episode_return = total.data(), out.episode_length = length.data();
    cpu->step(1, dimensions == 0 ? Actions<T>::discrete(index.data()) : Actions<T>::box(box.data(), copies), out);

    const auto found_obs = device_obs.download(), found_reward = device_reward.download(),
               found_final = device_final.download();
    const auto found_terminated = device_terminated.download(), found_truncated = device_truncated.download();
    const auto found_total = device_total.download();
    const auto found_length = device_length.download(), found_slot = slot.download();
    for (std::size_t c = 0; c < count; ++c) {
      const bool ended = terminated[c] || truncated[c];
      wrong += found_terminated[c] != terminated[c] || found_truncated[c] != truncated[c];
      wrong += (found_slot[c] >= 0) != (truncated[c] || (ended && last));
      ends += terminated[c], limits += truncated[c];
      worst = std::max(worst, error(found_reward[c], reward[c]));
      if (ended) {
        wrong += found_length[c] != length[c];
        worst = std::max(worst, error(static_cast<T>(found_total[c]), static_cast<T>(total[c])));
      }
      for (std::size_t f = 0; f < static_cast<std::size_t>(features); ++f) {
        worst = std::max(worst, error(found_obs[f * count + c], obs[f * count + c]));
        if (found_slot[c] >= 0)
          worst = std::max(
              worst, error(found_final[f * count + static_cast<std::size_t>(found_slot[c])], final_obs[f * count + c]));
      }
    }
    const auto found_state = device->save(), expected_state = cpu->save();
    for (std::size_t i = 0; i < expected_state.size(); ++i)
      worst = std::max(worst, error(static_cast<T>(found_state[i]), static_cast<T>(expected_state[i])));
  }
  CHECK(ends >= least_ends);
  CHECK(limits >= least_limits);
  CHECK(wrong == 0);
  CHECK(worst < tolerance);
  MESSAGE(name << ": " << steps * copies << " steps, " << ends << " ends, " << limits << " limits, largest error "
               << worst);
}

}  // namespace

TEST_CASE_TEMPLATE("tasks step, count, end and begin again on the device as on the CPU", T, float, double) {
  if (no_device()) return;
  const double tight = sizeof(T) == 8 ? 1e-14 : 1e-6, loose = sizeof(T) == 8 ? 1e-12 : 1e-4;
  compare_with_cpu<T>("CartPole-v0", tight, 500, 100);
  compare_with_cpu<T>("CartPole-v1", tight, 500, 0);
  compare_with_cpu<T>("CartPoleSwingUp-v0", tight, 0, 0);
  compare_with_cpu<T>("CartPoleSwingUp-v1", tight, 0, 0);
  compare_with_cpu<T>("Pendulum-v1", tight, 0, 200);
  compare_with_cpu<T>("MountainCar-v0", tight, 0, 200);
  compare_with_cpu<T>("MountainCarContinuous-v0", tight, 0, 0);
  compare_with_cpu<T>("Acrobot-v1", loose, 0, 0);
}

TEST_CASE("what has no form for the device is refused by name, and a checkpoint of other copies too") {
  if (no_device()) return;
  const Registry registry = Registry::builtin();
  CHECK_THROWS_WITH(make_device_env<float>(registry.spec("GridWorld-v0"), 4), doctest::Contains("no form for the GPU"));
  const auto env = make_device_env<float>(registry.spec("CartPole-v1"), 4);
  CHECK_THROWS_WITH(env->load(registry.make<float>("CartPole-v1", 5, 1)->save()), doctest::Contains("other copies"));
  const auto saved = registry.make<float>("CartPole-v1", 4, 1)->save();
  env->load(saved);
  CHECK(env->save() == saved);
}
