#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/parallel.hpp>
#include <vector>

using namespace pigrad;

TEST_CASE("parallel_for runs each index once and names workers below the thread count") {
  for (int threads : {1, 2, 3, 8})
    for (int count : {0, 1, 2, 7, 100}) {
      std::vector<int> runs(static_cast<std::size_t>(count), 0), workers(static_cast<std::size_t>(count), -1);
      parallel_for(threads, count, [&](int index, int worker) {
        ++runs[static_cast<std::size_t>(index)];
        workers[static_cast<std::size_t>(index)] = worker;
      });
      for (int index = 0; index < count; ++index) {
        CHECK(runs[static_cast<std::size_t>(index)] == 1);
        CHECK(workers[static_cast<std::size_t>(index)] >= 0);
        CHECK(workers[static_cast<std::size_t>(index)] < threads);
      }
    }
}

TEST_CASE("sections that follow one another see each other's writes, and give the same bits on any thread count") {
  const auto run = [](int threads) {
    std::vector<double> from(97, 1.0), to(97, 0.0);
    for (int pass = 0; pass < 20; ++pass) {
      parallel_for(threads, 97, [&](int index, int) {
        const auto i = static_cast<std::size_t>(index);
        to[i] = std::sin(from[i] + from[(i + 31) % 97]) + 0.1 * index;
      });
      from.swap(to);
    }
    return from;
  };
  const auto one = run(1);
  CHECK(run(2) == one);
  CHECK(run(3) == one);
}

TEST_CASE("each worker's scratch is its own") {
  std::vector<int> scratch(4, 0), seen(1000, 0);
  parallel_for(4, 1000, [&](int index, int worker) {
    int& mine = scratch[static_cast<std::size_t>(worker)];
    mine = index;
    seen[static_cast<std::size_t>(index)] = mine;
  });
  for (int index = 0; index < 1000; ++index) CHECK(seen[static_cast<std::size_t>(index)] == index);
}

TEST_CASE("the exception of the lowest index comes out") {
  for (int threads : {1, 2, 3}) {
    int caught = -1;
    try {
      parallel_for(threads, 50, [](int index, int) {
        if (index % 20 == 13) throw index;
      });
    } catch (int index) {
      caught = index;
    }
    CHECK(caught == 13);
  }
}
