#include <doctest/doctest.h>

#include <functional>
#include <pigrad/core/error.hpp>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/reinforce.hpp>

#include "rl_bits.hpp"

using namespace pigrad_test;

TEST_CASE_TEMPLATE("a rollout has the same bits for 1, 2 and 3 threads", T, float, double) {
  const Registry environments = Registry::builtin();
  for (const char* name : {"CartPole-v1", "Target-v0"})
    for (const int copies : {1, 2, 50, 67}) {
      INFO(name, " × ", copies);
      PolicySettings policy;
      policy.network.hidden = {8};
      if (!environments.spec(name).action.is_discrete()) policy.distribution.name = "gaussian";
      Agent<T> agent(environments.spec(name), policy, nullptr, 3);
      std::vector<Rollout<T>> rollouts[3];
      for (int threads = 1; threads <= 3; ++threads) {
        const auto env = environments.make<T>(name, copies, 11);
        Collector<T> collector(agent, *env, 12);
        for (int i = 0; i < 2; ++i) collector.collect(45, threads, rollouts[threads - 1].emplace_back());
        CHECK(collector.total_steps() == 90 * copies);
      }
      CHECK(rollouts[0][0].episodes.size() > 0);
      for (const int threads : {2, 3})
        for (const std::size_t i : {0u, 1u})
          CHECK(same_rollout(rollouts[0][i], rollouts[static_cast<std::size_t>(threads - 1)][i]));
      CHECK_FALSE(same_bits(rollouts[0][0].reward, rollouts[0][1].log_prob));
      CHECK_FALSE(same_bits(rollouts[0][0].log_prob, rollouts[0][1].log_prob));
    }
}

TEST_CASE("a copy's first rollout does not depend on how many copies there are") {
  const Registry environments = Registry::builtin();
  Agent<double> agent(environments.spec("CartPole-v1"), PolicySettings{}, nullptr, 3);
  Rollout<double> one, many;
  const auto alone = environments.make<double>("CartPole-v1", 1, 11),
             all = environments.make<double>("CartPole-v1", 20, 11);
  Collector<double>(agent, *alone, 12).collect(60, 1, one);
  Collector<double>(agent, *all, 12).collect(60, 2, many);
  for (int t = 0; t < 60; ++t) {
    const auto a = static_cast<std::size_t>(one.row(t, 0)), b = static_cast<std::size_t>(many.row(t, 0));
    CHECK(one.index[a] == many.index[b]);
    CHECK(one.log_prob[a] == many.log_prob[b]);
    CHECK(one.obs[a] == many.obs[b]);
  }
}

TEST_CASE("training has the same bits for 1, 2 and 3 threads") {
  const Registry environments = Registry::builtin();
  for (const char* algorithm : {"a2c", "reinforce"})
    for (const char* scalar : {"float32", "float64"})
      for (const int copies : {1, 40}) {
        INFO(algorithm, " ", scalar, " × ", copies);
        TrainSettings s = base(algorithm, scalar, copies);
        if (copies > 1) {
          s.steps = 45;
          s.policy.network.hidden = s.critic.network.hidden = {64, 64};  // worth three threads
        }
        const auto run = [&](int threads) {
          const auto a = make_algorithm(s, environments);
          return train(*a, 3, threads) + file_bytes(*a);
        };
        const std::string one = run(1);
        CHECK(one == run(2));
        CHECK(one == run(3));
        s.seed += 1;
        CHECK(one != run(1));
      }
}

TEST_CASE("saved, loaded into a fresh algorithm and gone on: the bits of a run that never stopped") {
  const Registry environments = Registry::builtin();
  for (const char* algorithm : {"a2c", "reinforce"})
    for (const char* scalar : {"float32", "float64"})
      for (const bool reset : {false, true}) {
        INFO(algorithm, " ", scalar, " reset_each_epoch ", reset);
        TrainSettings s = base(algorithm, scalar, 4);
        s.reset_each_epoch = reset;
        s.policy.optimiser.schedule = "linear:0.0001";
        s.critic.optimiser.name = "rmsprop";
        s.critic.optimiser.momentum = 0.5;
        const auto whole = make_algorithm(s, environments), first = make_algorithm(s, environments);
        train(*whole, 2, 1);
        train(*first, 2, 2);
        const auto path = std::filesystem::temp_directory_path() / ("pigrad_rl_resume_" + std::to_string(getpid()));
        State state;
        first->save(state);
        state.save(path.string());
        const auto second = make_algorithm(s, environments);
        second->load(State::load(path.string()));
        std::filesystem::remove(path);
        CHECK(second->epochs_done() == 2);
        CHECK(second->steps_done() == 800);
        CHECK(file_bytes(*whole) == file_bytes(*second));
        CHECK(train(*whole, 2, 1) == train(*second, 2, 3));
        CHECK(same_episodes(whole->episodes(), second->episodes()));
        CHECK(file_bytes(*whole) == file_bytes(*second));
      }
}

TEST_CASE("a state of other settings is refused by the name of what does not fit") {
  const Registry environments = Registry::builtin();
  const TrainSettings s = base("a2c", "float64", 2);
  State state;
  make_algorithm(s, environments)->save(state);
  const auto loading = [&](const std::function<void(TrainSettings&)>& change) {
    TrainSettings other = s;
    change(other);
    try {
      make_algorithm(other, environments)->load(state);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("loaded");
  };
  using S = TrainSettings&;
  CHECK(loading([](S) {}) == "loaded");
  CHECK(loading([](S o) { o.policy.network.hidden = {13}; }) ==
        "checkpoint: 'policy.0.weight' has 48 numbers, not 52; use a checkpoint of these settings");
  CHECK(loading([](S o) { o.scalar = "float32"; }) ==
        "checkpoint: it has no 'policy.0.weight'; use a checkpoint of these settings, whole and of this version");
  CHECK(loading([](S o) { o.copies = 3; }) ==
        "checkpoint: 'collector.obs' has 8 numbers, not 12; use a checkpoint of these settings");
  CHECK(loading([](S o) { o.critic.optimiser.name = "rmsprop"; }) ==
        "checkpoint: its critic_optimiser is adam; use a checkpoint of these settings");
}

TEST_CASE("evaluation leaves training's bits alone, and is the same for any number of threads") {
  const Registry environments = Registry::builtin();
  for (const char* scalar : {"float32", "float64"}) {
    const TrainSettings s = base("a2c", scalar, 2);
    const auto plain = make_algorithm(s, environments), looked_at = make_algorithm(s, environments);
    std::string expected, got;
    for (int i = 0; i < 3; ++i) {
      expected += train(*plain, 1, 1);
      got += train(*looked_at, 1, 1);
      for (const bool greedy : {true, false}) {
        const Evaluation one = looked_at->evaluate(40, greedy, 1), three = looked_at->evaluate(40, greedy, 3);
        CHECK(one.mean == three.mean);
        CHECK(one.deviation == three.deviation);
        CHECK(one.episodes == 40);
        CHECK(one.least <= one.mean);
        CHECK(one.mean <= one.most);
        CHECK(one.mean == one.mean_length);  // CartPole pays 1 a step
      }
      CHECK(looked_at->evaluate(40, true, 1).mean != looked_at->evaluate(40, false, 1).mean);
    }
    CHECK(expected == got);
    CHECK(file_bytes(*plain) == file_bytes(*looked_at));
  }
}

namespace {

/// No step ends anything.
struct Endless {
  template <class T>
  struct State {};
  template <class T>
  struct Params {};
  static constexpr int observation_size = 1;
  static constexpr int action_size = 0;
  template <class T>
  static State<T> reset(const Params<T>&, const Draws&) {
    return {};
  }
  template <class T>
  static Outcome<T> step(const Params<T>&, State<T>&, std::int32_t) {
    return {T(1), false};
  }
  template <class T>
  static void observe(const Params<T>&, const State<T>&, T* obs, std::ptrdiff_t) {
    obs[0] = T(1);
  }
};

}  // namespace

TEST_CASE("episodes without a limit are evaluated to their ends, and one that has none is an error") {
  Registry environments = Registry::builtin();
  Spec spec = environments.spec("Bandit-v0");
  spec.id = "Endless-v0";
  environments.add<Endless>(spec);
  TrainSettings s = base("a2c", "float32", 1);
  s.policy.network.hidden.clear();
  s.environment = "Bandit-v0";
  const Evaluation bandit = make_algorithm(s, environments)->evaluate(200, false, 2);
  CHECK(bandit.mean_length == 1);
  CHECK(bandit.most == 1);
  CHECK(bandit.mean > 0.2);
  CHECK(bandit.mean < 0.7);
  s.environment = "Endless-v0";
  std::string said;
  try {
    make_algorithm(s, environments)->evaluate(1, false, 1);
  } catch (const Error& error) {
    said = error.what();
  }
  CHECK(said ==
        "evaluate: Endless-v0 has no time limit, and an episode passed 1000000 steps; give its Spec a max_steps");
}
