#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/rl/exchange.hpp>
#include <pigrad/rl/on_policy.hpp>

#include "thread_group.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

TrainSettings settings_of(const std::string& algorithm, const std::string& scalar) {
  TrainSettings s;
  s.algorithm = algorithm;
  s.scalar = scalar;
  s.copies = 13;
  s.steps = 60;
  s.epochs = 4;
  s.policy.network.hidden = s.critic.network.hidden = {64, 64};
  return s;
}

/// What follows from the settings: metrics but the clock's, and the whole state, as bytes.
struct Trained {
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<double> returns;
  std::vector<std::byte> state;
};

Trained train(const TrainSettings& settings, int threads, Group* group, int save_at = -1, State* saved = nullptr,
              const State* from = nullptr) {
  const Registry environments = Registry::builtin();
  const auto algorithm = make_algorithm(settings, environments);
  if (from) algorithm->load(*from);
  if (group) algorithm->share(*group);
  Trained outcome;
  while (algorithm->epochs_done() < settings.epochs) {
    for (const auto& metric : algorithm->epoch(threads))
      if (metric.first.rfind("time/fps", 0) != 0) outcome.metrics.push_back(metric);
    for (const Episode& e : algorithm->episodes()) outcome.returns.push_back(e.total);
    if (algorithm->epochs_done() == save_at) algorithm->save(*saved);
  }
  State state;
  algorithm->save(state);
  outcome.state = state.bytes();
  return outcome;
}

void check_same(const Trained& a, const Trained& b) {
  REQUIRE(a.metrics.size() == b.metrics.size());
  for (std::size_t i = 0; i < a.metrics.size(); ++i) {
    CAPTURE(a.metrics[i].first);
    CHECK((a.metrics[i].second == b.metrics[i].second ||
           (std::isnan(a.metrics[i].second) && std::isnan(b.metrics[i].second))));
  }
  CHECK((a.returns == b.returns));
  CHECK((a.state == b.state));
}

void check_ranks(const TrainSettings& settings, const std::vector<int>& sizes = {1, 2, 3, 4}) {
  CAPTURE(settings.algorithm);
  const Trained alone = train(settings, 1, nullptr);
  CHECK_FALSE(alone.metrics.empty());
  for (const int size : sizes) {
    CAPTURE(size);
    ThreadGroups groups(size);
    groups.run([&](Group& group) { check_same(train(settings, group.rank() % 2 + 1, &group), alone); });
    CHECK((groups.messages() > 0) == (size > 1));
  }
}

}  // namespace

TEST_CASE("any number of ranks trains to the bits of one") {
  for (const char* scalar : {"float32", "float64"}) {
    check_ranks(settings_of("a2c", scalar));
    check_ranks(settings_of("a2c-joint", scalar));
    TrainSettings ppo = settings_of("ppo", scalar);
    ppo.minibatch = 400;
    ppo.ppo.passes = 2;
    ppo.observation.normalise = true;
    ppo.reward.scale = true;
    ppo.reward.clip = 10;
    check_ranks(ppo);
    TrainSettings whole = settings_of("reinforce", scalar);
    whole.advantage.estimator = "return_to_go";
    whole.advantage.baseline = false;
    whole.whole_episodes = true;
    whole.boundary.edge = "drop";
    whole.boundary.truncation = "terminate";
    whole.episodes = 17;
    check_ranks(whole);
  }
}

TEST_CASE("and so with more ranks than copies, and with what else a recipe may ask") {
  TrainSettings few = settings_of("a2c", "float32");
  few.copies = 3;
  few.steps = 300;
  check_ranks(few, {5, 8});
  TrainSettings box = settings_of("ppo", "float32");
  box.environment = "Pendulum-v1";
  box.policy.distribution.name = "gaussian";
  box.observation.normalise = true;
  box.observation.statistics = "step";
  box.critic.kind = "shared";
  check_ranks(box, {3});
  TrainSettings fresh = settings_of("a2c", "float64");
  fresh.environment = "MountainCar-v0";
  fresh.reset_each_epoch = true;
  fresh.rollouts = 2;
  fresh.critic.time = true;
  fresh.critic.scale = "returns";
  check_ranks(fresh, {3});
  TrainSettings natural = settings_of("npg", "float64");
  natural.natural.iterations = 3;
  check_ranks(natural, {3});
  check_ranks(settings_of("trpo", "float32"), {2});
  TrainSettings whole = settings_of("vpg", "float32");
  whole.environment = "Pendulum-v1";
  whole.policy.distribution.name = "gaussian";
  whole.whole_episodes = true;
  whole.copies = 4;
  whole.steps = 250;
  whole.epochs = 2;
  whole.boundary.edge = "drop";
  check_ranks(whole, {3, 7});
}

TEST_CASE("a state that some ranks saved goes on with any other number of them") {
  TrainSettings settings = settings_of("ppo", "float32");
  settings.minibatch = 400;
  settings.observation.normalise = settings.reward.scale = true;
  settings.epochs = 5;
  const Trained alone = train(settings, 1, nullptr);
  std::vector<State> saved(3);
  ThreadGroups(3).run(
      [&](Group& group) { train(settings, 1, &group, 2, &saved[static_cast<std::size_t>(group.rank())]); });
  for (const State& each : saved) CHECK((each.bytes() == saved[0].bytes()));
  CHECK((train(settings, 1, nullptr, -1, nullptr, &saved[0]).state == alone.state));
  ThreadGroups(2).run(
      [&](Group& group) { CHECK((train(settings, 1, &group, -1, nullptr, &saved[0]).state == alone.state)); });
}

TEST_CASE("hooks of one rank may look at everything without the others") {
  const TrainSettings settings = settings_of("a2c", "float32");
  const Trained alone = train(settings, 1, nullptr);
  ThreadGroups groups(2);
  groups.run([&](Group& group) {
    const Registry environments = Registry::builtin();
    const auto algorithm = make_algorithm(settings, environments);
    auto& ours = dynamic_cast<OnPolicy<float>&>(*algorithm);
    ours.share(group);
    int looks = 0;
    const auto look = [&] {
      CHECK(ours.agent().group() == nullptr);
      ++looks;
    };
    if (group.rank() == 0) {
      Hooks<float> hooks;
      hooks.estimated = hooks.learnt = [&](int) { look(); };
      hooks.step = [&](const StepEnd<float>&) { look(); };
      ours.attach(hooks);
    }
    ours.run(1);
    State state;
    ours.save(state);
    CHECK((state.bytes() == alone.state));
    CHECK(looks == (group.rank() == 0 ? 4 * settings.epochs : 0));
  });
}

TEST_CASE("what one rank cannot do ends all of them in the same words") {
  ThreadGroups groups(3);
  std::vector<std::string> said(3);
  groups.run([&](Group& group) {
    const auto r = static_cast<std::size_t>(group.rank());
    try {
      std::vector<unsigned char> room;
      Exchange e(group, {1, 2, 3}, room, r >= 1 ? "step: fault of " + std::to_string(r) + "; cure it" : "");
      e.deliver();
    } catch (const Error& error) {
      said[r] = error.what();
    }
  });
  for (const std::string& words : said) CHECK(words == "rank 1: step: fault of 1; cure it");
}
