#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <pigrad/core/error.hpp>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/metric_means.hpp>

#include "rl_bits.hpp"

using namespace pigrad_test;

namespace {

constexpr int rollouts = 4, epochs = 3;

/// A run whose rates and clip move from update to update, with 40 rows an update.
TrainSettings small(const std::string& algorithm) {
  TrainSettings s = base(algorithm, "float64", 4);
  s.steps = 10;
  s.minibatch = algorithm == "a2c-joint" ? 0 : 15;
  s.epochs = epochs * rollouts;
  s.policy.optimiser.schedule = s.ppo.clip_schedule = "linear";
  s.ppo.passes = 2;
  const bool joint = algorithm == "a2c-joint" || algorithm == "ppo";
  if (joint) s.critic.steps_per_minibatch = 1;
  if (!joint) s.critic.optimiser.schedule = "linear";
  s.reset_each_epoch = algorithm == "a2c";
  if (algorithm == "reinforce") s.boundary.edge = "last_reward";
  return s;
}

TrainSettings grouped(TrainSettings s) {
  s.epochs /= rollouts;
  s.rollouts = rollouts;
  return s;
}

std::unique_ptr<Algorithm> make(const TrainSettings& s, const Registry& environments) {
  return make_algorithm(s, environments);
}

double metric(const Metrics& metrics, const std::string& name) {
  for (const auto& [key, value] : metrics)
    if (key == name) return value;
  FAIL("no metric " << name);
  return 0;
}

}  // namespace

TEST_CASE("how a run is cut into epochs changes no bit that it learns or saves") {
  const Registry environments = Registry::builtin();
  for (const char* algorithm : {"a2c", "a2c-joint", "ppo", "reinforce", "vpg"}) {
    INFO(algorithm);
    const TrainSettings s = small(algorithm);
    for (const int threads : {1, 2, 3}) {
      const auto fine = make(s, environments), coarse = make(grouped(s), environments);
      for (int e = 0; e < epochs; ++e) {
        std::map<std::string, std::vector<double>> rows;
        std::vector<Episode> ended;
        Metrics last;
        for (int i = 0; i < rollouts; ++i) {
          last = fine->epoch(1);
          for (const auto& [name, value] : last)
            if (std::isfinite(value)) rows[name].push_back(value);
          ended.insert(ended.end(), fine->episodes().begin(), fine->episodes().end());
        }
        const Metrics metrics = coarse->epoch(threads);
        CHECK(coarse->epochs_done() == e + 1);
        CHECK(file_bytes(*coarse) == file_bytes(*fine));
        CHECK(same_episodes(coarse->episodes(), ended));
        REQUIRE(metrics.size() == last.size());
        double total = 0;
        for (const Episode& episode : ended) total += episode.total;
        if (!ended.empty()) CHECK(metric(metrics, "rollout/ep_rew_mean") == total / static_cast<double>(ended.size()));
        CHECK(metric(metrics, "rollout/episodes") == static_cast<double>(ended.size()));
        CHECK(metric(metrics, "time/total_timesteps") == static_cast<double>(fine->steps_done()));
        for (std::size_t i = 0; i < metrics.size(); ++i) {
          const std::string& name = metrics[i].first;
          CAPTURE(name);
          CHECK(name == last[i].first);
          if (name.rfind("train/", 0) != 0) continue;
          const bool newest = name == "train/learning_rate" || name == "train/n_updates" || name == "train/clip_range";
          double mean = 0;
          for (const double x : rows[name]) mean += x / static_cast<double>(rows[name].size());
          if (newest)
            CHECK(metrics[i].second == last[i].second);
          else if (!rows[name].empty())
            CHECK(metrics[i].second == doctest::Approx(mean).epsilon(1e-12));
        }
      }
    }
  }
}

TEST_CASE("a run of several rollouts an epoch goes on after save and load") {
  const Registry environments = Registry::builtin();
  const TrainSettings s = grouped(small("ppo"));
  const auto whole = make(s, environments), first = make(s, environments), second = make(s, environments);
  const std::string early = train(*whole, 2, 1);
  CHECK(early == train(*first, 2, 2));
  State state;
  first->save(state);
  second->load(state);
  CHECK(second->epochs_done() == 2);
  CHECK(train(*whole, 1, 1) == train(*second, 1, 3));
  CHECK(file_bytes(*whole) == file_bytes(*second));
}

TEST_CASE("hooks hear each step and each episode, and of epochs once") {
  const Registry environments = Registry::builtin();
  const TrainSettings s = grouped(small("a2c"));
  A2c<double> algorithm(s, environments);
  int steps = 0, ended = 0, finished = 0;
  Hooks<double> hooks;
  hooks.step = [&](const StepEnd<double>&) { ++steps; };
  hooks.episode = [&](const Episode&) { ++ended; };
  hooks.epoch = [&](Metrics& metrics) {
    CHECK(metric(metrics, "rollout/episodes") == ended);
    ended = 0;
    return ++finished < 2;
  };
  algorithm.attach(hooks);
  algorithm.run(1);
  CHECK(finished == 2);
  CHECK(algorithm.epochs_done() == 2);
  CHECK(steps == 2 * rollouts * 3 * (1 + 3));
  CHECK(algorithm.steps_done() == 2 * rollouts * 40);
}

TEST_CASE("an epoch's metrics: means where they are finite, the newest of what only grows") {
  MetricMeans one, none, three;
  const double nan = std::nan("");
  const auto report = [](const MetricMeans& means) {
    Metrics metrics;
    means.report(metrics);
    return metrics;
  };
  one.add({{"train/loss", -0.0}, {"train/std", nan}});
  CHECK(std::signbit(report(one)[0].second));
  CHECK(std::isnan(report(one)[1].second));
  CHECK(report(none).empty());
  three.add({{"train/loss", nan}, {"train/n_updates", 1}, {"train/learning_rate", 0.3}, {"train/clip_range", 3}});
  three.add({{"train/loss", 1}, {"train/n_updates", 2}, {"train/learning_rate", 0.2}, {"train/clip_range", 2}});
  three.add({{"train/loss", 4}, {"train/n_updates", 3}, {"train/learning_rate", 0.1}, {"train/clip_range", 1}});
  CHECK(report(three) ==
        Metrics{{"train/loss", 2.5}, {"train/n_updates", 3}, {"train/learning_rate", 0.1}, {"train/clip_range", 1}});
  CHECK_THROWS_WITH_AS(one.add({{"train/loss", 1}}), doctest::Contains("others than the first"), Error);
}

TEST_CASE("more rounds than can be counted are refused") {
  TrainSettings s = small("a2c");
  s.epochs = s.rollouts = 100000;
  CHECK_THROWS_WITH_AS(make(s, Registry::builtin()),
                       "rollouts: 100000 epochs of 100000; give fewer than 2³¹ epochs × rollouts", Error);
}
