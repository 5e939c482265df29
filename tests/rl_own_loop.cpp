#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/reinforce.hpp>

#include "rl_bits.hpp"

using namespace pigrad_test;

namespace {

// Drives somebody else's environment through act, observe and update; `backward` lets the copies take turns from the
// last to the first.
template <class A, class T>
std::string drive(A& a, VectorEnv<T>& env, int updates, bool backward) {
  const int copies = env.copies(), features = env.observation_size();
  const auto n = static_cast<std::size_t>(copies);
  std::vector<T> obs(n * static_cast<std::size_t>(features)), final_obs(obs), reward(n), one(obs);
  std::vector<std::int32_t> index(n);
  std::vector<std::uint8_t> terminated(n), truncated(n);
  env.observe(obs.data(), copies);
  StepBuffers<T> out;
  out.obs = obs.data();
  out.obs_ld = out.final_ld = copies;
  out.reward = reward.data();
  out.terminated = terminated.data();
  out.truncated = truncated.data();
  out.final_obs = final_obs.data();
  const auto column = [&](const std::vector<T>& panel, std::size_t c) {
    for (int f = 0; f < features; ++f)
      one[static_cast<std::size_t>(f)] = panel[static_cast<std::size_t>(f * copies) + c];
    return one.data();
  };
  std::string all;
  for (int u = 0; u < updates; ++u) {
    while (!a.ready()) {
      for (std::size_t k = 0; k < n; ++k) {
        const std::size_t c = backward ? n - 1 - k : k;
        index[c] = a.act(column(obs, c), nullptr, static_cast<int>(c));
      }
      env.step(1, Actions<T>::discrete(index.data()), out);
      for (std::size_t k = 0; k < n; ++k) {
        const std::size_t c = backward ? n - 1 - k : k;
        const bool ended = terminated[c] || truncated[c];
        a.observe(reward[c], terminated[c], truncated[c], column(ended ? final_obs : obs, c), static_cast<int>(c));
      }
    }
    all += text(a.update(2));
  }
  return all;
}

template <template <class> class A, class T>
void check_own_loop(const std::string& algorithm, const std::string& scalar) {
  const Registry environments = Registry::builtin();
  for (const int copies : {1, 3})
    for (const bool backward : {false, true}) {
      INFO(algorithm, " ", scalar, " × ", copies);
      TrainSettings s = base(algorithm, scalar, copies);
      s.environment = "CartPole-v1";
      s.advantage.discount_time = true;
      A<T> ours(s, environments), theirs(s, environments.spec(s.environment));
      const auto env = environments.make<T>(s.environment, copies, static_cast<std::uint64_t>(s.seed));
      const std::string expected = train(ours, 3, 1);
      CHECK(expected == drive(theirs, *env, 3, backward));
      CHECK(same_bits(parameters_of<T>(ours), parameters_of<T>(theirs)));
      CHECK(same_episodes(ours.episodes(), theirs.episodes()));
      CHECK(ours.steps_done() == theirs.steps_done());

      State state;
      theirs.save(state);
      A<T> resumed(s, environments.spec(s.environment));
      resumed.load(state);
      CHECK(train(ours, 1, 1) == drive(resumed, *env, 1, backward));
    }
}

}  // namespace

TEST_CASE("a loop of one's own gives the bits of epoch(), and goes on after save and load") {
  check_own_loop<A2c, float>("a2c", "float32");
  check_own_loop<A2c, double>("a2c", "float64");
  check_own_loop<Reinforce, double>("reinforce", "float64");
}

TEST_CASE("learning from a rollout of another program is an epoch without collecting") {
  const Registry environments = Registry::builtin();
  const TrainSettings s = base("a2c", "float64", 4);
  A2c<double> ours(s, environments), theirs(s, environments.spec(s.environment));
  for (int i = 0; i < 3; ++i) {
    const std::string expected = text(ours.epoch(1));
    CHECK(expected == text(theirs.learn(ours.rollout(), 3)));
    CHECK(same_bits(ours.advantages(), theirs.advantages()));
    CHECK(same_bits(ours.returns(), theirs.returns()));
  }
  CHECK(same_bits(parameters_of<double>(ours), parameters_of<double>(theirs)));
  CHECK(theirs.epochs_done() == 3);
  CHECK(theirs.steps_done() == ours.steps_done());
}

TEST_CASE("the reset rows of next-step autoreset change no bit of what is learnt") {
  const Registry environments = Registry::builtin();
  TrainSettings s = base("a2c", "float64", 1);
  s.minibatch = 50;
  A2c<double> with(s, environments.spec(s.environment)), without(s, environments.spec(s.environment));
  EnvOptions options;
  options.autoreset = Autoreset::next_step;
  const auto env = environments.make<double>(s.environment, 1, 4, options);
  Rollout<double> r, kept;
  Collector<double>(with.agent(), *env, 4).collect(150, 1, r);
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < r.valid.size(); ++i)
    if (r.valid[i]) rows.push_back(i);
  CHECK(rows.size() + r.episodes.size() == 150);
  CHECK(rows.size() < 149);
  kept.resize(static_cast<int>(rows.size()), 1, 4, 0);
  kept.edge_obs = r.edge_obs;
  kept.episodes = r.episodes;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    for (std::size_t f = 0; f < 4; ++f) {
      kept.obs[f * rows.size() + k] = r.obs[f * 150 + rows[k]];
      kept.final_obs[f * rows.size() + k] = r.final_obs[f * 150 + rows[k]];
    }
    kept.index[k] = r.index[rows[k]];
    kept.log_prob[k] = r.log_prob[rows[k]];
    kept.reward[k] = r.reward[rows[k]];
    kept.terminated[k] = r.terminated[rows[k]];
    kept.truncated[k] = r.truncated[rows[k]];
  }
  CHECK(text(with.learn(r)) == text(without.learn(kept)));
  CHECK(same_bits(parameters_of<double>(with), parameters_of<double>(without)));
}

TEST_CASE("whole episodes, one after another, without an edge") {
  const Registry environments = Registry::builtin();
  Agent<double> agent(environments.spec("CartPole-v1"), PolicySettings{}, nullptr, 3);
  const auto env = environments.make<double>("CartPole-v1", 1, 11);
  Collector<double> collector(agent, *env, 12);
  Rollout<double> r;
  collector.collect(5, 1, r);
  collector.collect_episodes({0, 150, 500}, 1, r);
  CHECK(r.copies == 1);
  CHECK(r.rows() >= 150);
  CHECK(r.ended(r.rows() - 1));
  int ends = 0, steps = 0;
  for (int row = 0; row < r.rows(); ++row) ends += r.ended(row);
  for (const Episode& e : r.episodes) steps += e.length;
  CHECK(ends == static_cast<int>(r.episodes.size()));
  CHECK(steps == r.rows());
  CHECK(r.rows() - r.episodes.back().length < 150);
  for (int f = 0; f < 4; ++f) {
    const auto first = static_cast<std::size_t>(f * r.rows());
    CHECK(std::abs(r.obs[first]) <= 0.05);
  }
  const auto one = environments.make<double>("ConstantReward-v0", 1, 1);
  Agent<double> constant(one->spec(), PolicySettings{}, nullptr, 1);
  Collector<double> short_one(constant, *one, 1);
  short_one.collect_episodes({0, 11, 500}, 1, r);
  CHECK(r.rows() == 20);
  CHECK(r.truncated[9]);
  CHECK(r.truncated[19]);
  CHECK_THROWS_WITH(short_one.collect_episodes({0, 1, 9}, 1, r),
                    "collect_episodes: an episode passed 9 steps without an end; use an environment with a time limit");
  CHECK_THROWS_WITH(short_one.collect_episodes({0, 0, 9}, 1, r),
                    "collect_episodes: no steps are asked for; ask for at least 1");
}
