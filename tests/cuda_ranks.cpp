#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/ops/list.hpp>
#include <pigrad/cuda/algorithm.hpp>
#include <pigrad/cuda/exchange.hpp>
#include <pigrad/cuda/group_sum.hpp>
#include <pigrad/cuda/workspace.hpp>
#include <pigrad/rl/on_policy.hpp>

#include "cuda_cases.hpp"
#include "thread_group.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

/// What a rank has after some epochs.
struct Trained {
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<Episode> episodes;
  std::vector<double> parameters;
  State state;
};

Trained train(const TrainSettings& settings, int epochs, Group* group, const State* from = nullptr) {
  const Registry registry = Registry::builtin();
  const auto algorithm = make_device_algorithm(settings, registry, group ? group->size() : 1);
  if (from) algorithm->load(*from);
  if (group) algorithm->share(*group);
  Trained outcome;
  for (int i = 0; i < epochs; ++i) {
    for (const auto& metric : algorithm->epoch(1))
      if (metric.first != "time/fps") outcome.metrics.push_back(metric);
    outcome.episodes.insert(outcome.episodes.end(), algorithm->episodes().begin(), algorithm->episodes().end());
  }
  algorithm->save(outcome.state);
  for (const Segment& s : algorithm->layout().segments()) {
    const auto& values = outcome.state.reals<double>(s.name, s.size());
    outcome.parameters.insert(outcome.parameters.end(), values.begin(), values.end());
  }
  return outcome;
}

std::vector<Trained> train_ranks(const TrainSettings& settings, int epochs, int ranks, const State* from = nullptr) {
  std::vector<Trained> all(static_cast<std::size_t>(ranks));
  ThreadGroups(ranks).run(
      [&](Group& group) { all[static_cast<std::size_t>(group.rank())] = train(settings, epochs, &group, from); });
  return all;
}

double apart(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(b[i]));
    worst = std::max(worst, std::abs(a[i] - b[i]));
  }
  return worst / largest;
}

void check_close(const Trained& found, const Trained& expected) {
  CHECK(apart(found.parameters, expected.parameters) < 1e-9);
  REQUIRE(found.metrics.size() == expected.metrics.size());
  for (std::size_t i = 0; i < found.metrics.size(); ++i) {
    const std::string& name = expected.metrics[i].first;
    const double value = expected.metrics[i].second;
    CAPTURE(name);
    CHECK(found.metrics[i].first == name);
    const bool both_nan = std::isnan(value) && std::isnan(found.metrics[i].second);
    CHECK((both_nan || std::abs(found.metrics[i].second - value) < 1e-7 * std::max(1e-3, std::abs(value))));
  }
  REQUIRE(found.episodes.size() == expected.episodes.size());
  for (std::size_t i = 0; i < found.episodes.size(); ++i) {
    const Episode &a = found.episodes[i], &b = expected.episodes[i];
    CHECK((a.length == b.length && a.truncated == b.truncated && std::abs(a.total - b.total) < 1e-9));
  }
}

}  // namespace

TEST_CASE("ranks whose devices share a run leave the run of one, and each rank the same bits") {
  constexpr int epochs = 3;
  for (const DeviceCase& c : device_cases()) {
    CAPTURE(c.name);
    const Trained alone = train(c.settings, epochs, nullptr);
    for (const int ranks : {1, 2, 4}) {
      CAPTURE(ranks);
      const std::vector<Trained> all = train_ranks(c.settings, epochs, ranks);
      check_close(all.front(), alone);
      for (const Trained& other : all) CHECK((other.state.bytes() == all.front().state.bytes()));
    }
  }
}

TEST_CASE("more ranks than copies: some act in none") {
  TrainSettings settings = small("ppo", "Pendulum-v1");
  settings.copies = 3;
  settings.minibatch = 4;  // fewer rows than ranks too
  settings.steps = 10;
  settings.observation.normalise = true;
  const Trained alone = train(settings, 2, nullptr);
  const std::vector<Trained> all = train_ranks(settings, 2, 5);
  for (const Trained& each : all) check_close(each, alone);
}

TEST_CASE("a run goes on with another number of ranks, or none") {
  const TrainSettings settings = small("ppo", "CartPole-v1");
  const Trained alone = train(settings, 4, nullptr);
  std::vector<Trained> first = train_ranks(settings, 2, 3);
  const Trained on_one = train(settings, 2, nullptr, &first[2].state);
  const std::vector<Trained> on_two = train_ranks(settings, 2, 2, &first[0].state);
  CHECK(apart(on_one.parameters, alone.parameters) < 1e-9);
  CHECK(apart(on_two[1].parameters, alone.parameters) < 1e-9);
}

TEST_CASE("a loss that is not finite stops every rank alike") {
  TrainSettings settings = small("a2c", "CartPole-v1");
  settings.critic.optimiser.learning_rate = 1e200;
  ThreadGroups(2).run(
      [&](Group& group) { CHECK_THROWS_WITH(train(settings, 3, &group), doctest::Contains("not finite")); });
}

TEST_CASE("what a loss has of parameters alone counts once, and losses that mix rows are refused") {
  ParameterLayout layout;
  layout.add("w", 1, 3);
  Tape t(layout);
  const Tensor w = t.parameter("w");
  const Program program = t.program(mean(square(t.input("x", 3) * w)) + 0.25 * sum(square(w)) + sum(exp(w)));
  const std::vector<double> parameters = {0.3, -0.7, 1.1};
  constexpr int rows = 11;
  std::vector<double> x;
  for (int i = 0; i < 3 * rows; ++i) x.push_back(std::sin(1.0 + i));
  const auto run = [&](Group* group) {
    const auto devices = group ? make_staged_group(*group) : nullptr;
    DeviceWorkspace<double> workspace(program, rows);
    const DeviceArray<double> at(parameters), input(x);
    const Part part = group ? group->part(rows) : Part{0, rows};
    if (group) workspace.share(*devices);
    workspace.parameters(at.data());
    workspace.input(0, input.data() + part.begin, rows);
    workspace.rows(part.size(), rows);
    DeviceArray<double> gradient(std::vector<double>(3));
    workspace.run(gradient.data());
    std::vector<double> all = gradient.download();
    all.push_back(*workspace.loss());
    return all;
  };
  const std::vector<double> alone = run(nullptr);
  for (const int ranks : {2, 3})
    ThreadGroups(ranks).run([&](Group& group) { CHECK(apart(run(&group), alone) < 1e-14); });

  Tape mixing(layout);
  const Tensor y = mixing.input("x", 3) * mixing.parameter("w");
  const Program mixed = mixing.program(mean(square(y - mean(y, Axis::rows))));
  REQUIRE(mixed.row_mixing());
  ThreadGroups(2).run([&](Group& group) {
    const auto devices = make_staged_group(group);
    DeviceWorkspace<double> workspace(mixed, rows);
    CHECK_THROWS_WITH(workspace.share(*devices), doctest::Contains("depend on each other"));
  });
}

TEST_CASE("sums of ranks go by the tree of their numbers, and places of a panel's copies are kept") {
  for (const int ranks : {1, 2, 3, 5, 8}) {
    CAPTURE(ranks);
    std::vector<float> expected(static_cast<std::size_t>(ranks));
    for (int r = 0; r < ranks; ++r) expected[static_cast<std::size_t>(r)] = 1.0F / static_cast<float>(3 + r);
    for (int step = 1; step < ranks; step *= 2)
      for (int r = 0; r + step < ranks; r += 2 * step)
        expected[static_cast<std::size_t>(r)] += expected[static_cast<std::size_t>(r + step)];
    ThreadGroups(ranks).run([&](Group& group) {
      const auto devices = make_staged_group(group);
      const float own = 1.0F / static_cast<float>(3 + group.rank());
      DeviceArray<float> vector(std::vector<float>{own, 2 * own}), scattered(std::vector<float>{7, own, 8, 4 * own});
      DeviceGroupSum<float> sum(*devices, 2, {3, 1});
      sum.run(vector.data(), 2, scattered.data());
      const float all = expected[0];
      CHECK(vector.download() == std::vector<float>{all, 2 * all});
      CHECK(scattered.download() == std::vector<float>{7, all, 8, 4 * all});

      constexpr int copies = 6, steps = 3, planes = 2, stride = copies * steps + 5;
      const Part part = group.part(copies);
      std::vector<std::int32_t> values(planes * stride, -1), whole(values);
      for (int p = 0; p < planes; ++p)
        for (int t = 0; t < steps; ++t)
          for (int e = 0; e < copies; ++e) {
            const auto at = static_cast<std::size_t>(p * stride + t * copies + e);
            whole[at] = 100 * p + 10 * t + e;
            if (e >= part.begin && e < part.end) values[at] = whole[at];
          }
      DeviceArray<std::int32_t> panel(values);
      std::vector<std::uint8_t> flags(copies, 0), all_flags;
      for (int e = 0; e < copies; ++e) {
        all_flags.push_back(static_cast<std::uint8_t>(e + 1));
        if (e >= part.begin && e < part.end) flags[static_cast<std::size_t>(e)] = all_flags.back();
      }
      DeviceArray<std::uint8_t> bytes(flags);
      DeviceExchange exchange(*devices, copies,
                              {DeviceExchange::panel(bytes.data(), 1, 1, copies),
                               DeviceExchange::panel(panel.data(), planes, steps, stride)});
      exchange.run();
      CHECK(panel.download() == whole);
      CHECK(bytes.download() == all_flags);
    });
  }
}
