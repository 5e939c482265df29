#include <doctest/doctest.h>

#include <pigrad/cuda/algorithm.hpp>
#include <pigrad/cuda/device.hpp>
#include <pigrad/cuda/footprint.hpp>
#include <pigrad/rl/on_policy.hpp>

#include "cuda_cases.hpp"

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
