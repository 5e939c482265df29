#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <pigrad/cuda/algorithm.hpp>
#include <pigrad/cuda/graph.hpp>

#include "cuda_cases.hpp"
#include "cuda_device.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

std::vector<double> run(const TrainSettings& settings, int epochs, std::vector<std::byte>& bytes) {
  const auto device = make_device_algorithm(settings, Registry::builtin());
  std::vector<double> metrics;
  for (int i = 0; i < epochs; ++i)
    for (const auto& [name, value] : device->epoch(1))
      if (name != "time/fps") metrics.push_back(std::isnan(value) ? -1 : value);
  State state;
  device->save(state);
  bytes = state.bytes();
  return metrics;
}

}  // namespace

TEST_CASE("recorded rounds are those that are launched kernel by kernel, to the bit") {
  if (no_device()) return;
  for (DeviceCase& c : device_cases()) {
    CAPTURE(c.name);
    c.settings.scalar = "float32";
    std::vector<std::byte> recorded, launched;
    const auto expected = run(c.settings, 3, recorded);
    setenv("PIGRAD_CUDA_GRAPH", "0", 1);
    const auto found = run(c.settings, 3, launched);
    unsetenv("PIGRAD_CUDA_GRAPH");
    CHECK(found == expected);
    CHECK((launched == recorded));
  }
}

TEST_CASE("a graph runs what was recorded as often as it is asked to, on what memory holds then") {
  if (no_device()) return;
  DeviceArray<int> from(std::vector<int>{1, 2, 3}), to(std::vector<int>{0, 0, 0});
  FetchedArray<int> fetched(3);
  DeviceGraph graph;
  CHECK_FALSE(graph.recorded());
  CHECK_THROWS_WITH(graph.launch(), doctest::Contains("nothing was recorded"));
  graph.record([&] {
    detail::copy_on_device(to.data(), from.data(), 3 * sizeof(int));
    fetched.fetch_later(to.data(), 3);
  });
  CHECK(to.download() == std::vector<int>{0, 0, 0});
  for (const int value : {1, 5}) {
    from.upload(std::vector<int>{value, 2, 3}.data());
    graph.launch();
    device_synchronize();
    CHECK(fetched[0] == value);
    CHECK(fetched[2] == 3);
    CHECK(to.download()[0] == value);
  }
  graph.forget();
  CHECK_FALSE(graph.recorded());
}

TEST_CASE("work that waits for the device cannot be recorded, which is said, and the device goes on") {
  if (no_device()) return;
  DeviceArray<int> values(std::vector<int>{1, 2, 3});
  DeviceGraph graph;
  CHECK_THROWS_AS(graph.record([&] { values.download(); }), Error);
  CHECK_FALSE(graph.recorded());
  CHECK(values.download() == std::vector<int>{1, 2, 3});
  graph.record([&] { detail::clear_on_device(values.data(), sizeof(int)); });
  graph.launch();
  CHECK(values.download() == std::vector<int>{0, 2, 3});
}
