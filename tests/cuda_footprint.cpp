#include <doctest/doctest.h>

#include <atomic>
#include <pigrad/cuda/algorithm.hpp>
#include <pigrad/cuda/device.hpp>
#include <pigrad/cuda/footprint.hpp>
#include <pigrad/rl/on_policy.hpp>

#include "cuda_cases.hpp"
#include "thread_group.hpp"

using namespace pigrad;
using namespace pigrad_test;

TEST_CASE("the memory that a run is said to take is what it takes, to the byte") {
  const Registry registry = Registry::builtin();
  for (DeviceCase& c : device_cases()) {
    CAPTURE(c.name);
    const auto told = [&]<class T>(T) {
      const auto host = make_algorithm(c.settings, registry);
      const auto& on_policy = dynamic_cast<const OnPolicy<T>&>(*host);
      return device_footprint(c.settings, on_policy.agent(), on_policy.descents());
    };
    for (const char* scalar : {"float32", "float64"}) {
      c.settings.scalar = scalar;
      const std::size_t free = device_memory_free();
      const auto device = make_device_algorithm(c.settings, registry);
      device->epoch(1);
      CHECK(free - device_memory_free() == (c.settings.scalar == "float32" ? told(1.0F) : told(1.0)));
    }
  }
}

TEST_CASE("of ranks each takes what is told for it, and less than one alone where rows are many") {
  const Registry registry = Registry::builtin();
  for (DeviceCase& c : device_cases()) {
    CAPTURE(c.name);
    for (const int ranks : {2, 3}) {
      CAPTURE(ranks);
      const auto host = make_algorithm(c.settings, registry);
      const auto& on_policy = dynamic_cast<const OnPolicy<double>&>(*host);
      const std::size_t told = device_footprint(c.settings, on_policy.agent(), on_policy.descents(), ranks);
      const std::size_t free = device_memory_free();
      std::atomic<std::size_t> taken = 0;
      const auto meet = [](Group& group) {
        std::vector<char> room(static_cast<std::size_t>(group.size()));
        std::vector<std::size_t> begins;
        for (std::size_t r = 0; r <= room.size(); ++r) begins.push_back(r);
        group.gather(room.data(), begins);
      };
      ThreadGroups(ranks).run([&](Group& group) {
        const auto device = make_device_algorithm(c.settings, registry, group.size());
        CHECK_THROWS_WITH(device->epoch(1), doctest::Contains("share it first"));
        device->share(group);
        device->epoch(1);
        meet(group);
        if (group.rank() == 0) taken = free - device_memory_free();
        meet(group);
      });
      CHECK(taken == told * static_cast<std::size_t>(ranks));
    }
  }
  TrainSettings many = small("a2c", "CartPole-v1");
  many.copies = 2000;
  const auto host = make_algorithm(many, registry);
  const auto& on_policy = dynamic_cast<const OnPolicy<double>&>(*host);
  const auto told = [&](int ranks) { return device_footprint(many, on_policy.agent(), on_policy.descents(), ranks); };
  CHECK(told(4) < told(1));
}
