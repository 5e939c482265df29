#include <doctest/doctest.h>

#include <pigrad/core/error.hpp>
#include <pigrad/rl/reinforce.hpp>

using namespace pigrad;

namespace {

TrainSettings settings_of_whole_episodes() {
  TrainSettings s;
  s.algorithm = "reinforce";
  s.whole_episodes = true;
  s.steps = 300;
  s.minibatch = 100;
  s.epochs = 4;
  s.advantage.estimator = "return_to_go";
  s.advantage.baseline = false;
  s.advantage.normalise = false;
  s.boundary.truncation = "terminate";
  s.boundary.edge = "drop";
  s.policy.network.hidden = {8};
  return s;
}

}  // namespace

TEST_CASE("whole episodes: at least the steps asked for, no path cut, and no more than one episode beyond") {
  const Registry environments = Registry::builtin();
  Reinforce<double> learner(settings_of_whole_episodes(), environments);
  for (int epoch = 0; epoch < 3; ++epoch) {
    learner.epoch(1);
    const Rollout<double>& rollout = learner.rollout();
    int length = 0;
    for (const Episode& e : rollout.episodes) length += e.length;
    CHECK(rollout.rows() >= 300);
    CHECK(length == rollout.rows());
    CHECK(rollout.ended(rollout.rows() - 1));
    CHECK(length - rollout.episodes.back().length < 300);
    CHECK(learner.steps_done() >= 300 * (epoch + 1));
  }
}

TEST_CASE("whole episodes go on bit for bit after a checkpoint") {
  const Registry environments = Registry::builtin();
  Reinforce<float> through(settings_of_whole_episodes(), environments),
      again(settings_of_whole_episodes(), environments);
  through.epoch(1);
  State state;
  through.save(state);
  again.load(state);
  through.epoch(1);
  again.epoch(1);
  CHECK(through.rollout().reward == again.rollout().reward);
  for (int i = 0; i < through.agent().parameters().size(); ++i)
    CHECK(through.agent().parameters().data()[i] == again.agent().parameters().data()[i]);
}

namespace {

// What each of three copies does in 400 steps after a restart.
Rollout<float> played_on(const Agent<float>& agent, const Registry& environments) {
  const auto env = environments.make<float>("CartPole-v1", 3, 4);
  Collector<float> collector(agent, *env, 9);
  Rollout<float> r;
  collector.restart();
  collector.collect(400, 1, r);
  return r;
}

}  // namespace

TEST_CASE("whole episodes of several copies: each copy's own, in turn, the same on any number of threads") {
  const Registry environments = Registry::builtin();
  PolicySettings policy;
  policy.network.hidden = {8};
  const Agent<float> agent(environments.spec("CartPole-v1"), policy, nullptr, 2);
  const Rollout<float> all = played_on(agent, environments);
  for (const EpisodeQuota quota : {EpisodeQuota{8, 0, 500}, EpisodeQuota{2, 0, 500}, EpisodeQuota{0, 70, 500}})
    for (const int threads : {1, 2, 3}) {
      CAPTURE(quota.episodes);
      CAPTURE(threads);
      const auto env = environments.make<float>("CartPole-v1", 3, 4);
      Collector<float> collector(agent, *env, 9);
      Rollout<float> r;
      collector.collect_episodes(quota, threads, r);
      std::vector<int> step(3, 0), played(3, 0);
      int row = 0;
      for (std::size_t k = 0; k < r.episodes.size(); ++k) {
        std::size_t copy = 0;  // the next one in turn that has not played its share
        if (quota.episodes > 0) {
          copy = k % 3;
        } else {
          for (std::size_t c = 1; c < 3; ++c)
            if (step[copy] >= 70 || (step[c] < 70 && played[c] < played[copy])) copy = c;
        }
        const auto c = static_cast<int>(copy);
        for (int i = 0; i < r.episodes[k].length; ++i, ++row) {
          const auto mine = static_cast<std::size_t>(row), his = static_cast<std::size_t>(step[copy]++ * 3 + c);
          for (std::size_t f = 0; f < 4; ++f)
            CHECK(r.obs[f * r.reward.size() + mine] == all.obs[f * all.reward.size() + his]);
          CHECK(r.index[mine] == all.index[his]);
          CHECK(r.log_prob[mine] == all.log_prob[his]);
          CHECK(r.terminated[mine] == all.terminated[his]);
          CHECK(r.ended(row) == (i + 1 == r.episodes[k].length));
          if (r.ended(row))
            for (std::size_t f = 0; f < 4; ++f)
              CHECK(r.final_obs[f * r.reward.size() + mine] == all.final_obs[f * all.reward.size() + his]);
        }
        ++played[copy];
      }
      CHECK(row == r.rows());
      if (quota.episodes > 0) CHECK(static_cast<int>(r.episodes.size()) == quota.episodes);
      if (quota.steps > 0)
        for (const int steps : step) CHECK(steps >= quota.steps);
    }
}

TEST_CASE("whole episodes of several copies train to the same bits on any number of threads") {
  const Registry environments = Registry::builtin();
  TrainSettings s = settings_of_whole_episodes();
  s.copies = 5;
  s.episodes = 12;
  Reinforce<float> one(s, environments), three(s, environments);
  for (int k = 0; k < 3; ++k) {
    one.epoch(1);
    three.epoch(3);
    CHECK(one.rollout().obs == three.rollout().obs);
    CHECK(one.episodes().size() == 12);
  }
  for (int i = 0; i < one.agent().parameters().size(); ++i)
    CHECK(one.agent().parameters().data()[i] == three.agent().parameters().data()[i]);
}

TEST_CASE("box actions of whole episodes carry the log-probability that collecting step by step gives") {
  const Registry environments = Registry::builtin();
  PolicySettings policy;
  policy.network.hidden = {8};
  policy.distribution.name = "gaussian";
  const Agent<float> agent(environments.spec("Target-v0"), policy, nullptr, 2);
  const auto env = environments.make<float>("Target-v0", 3, 4), other = environments.make<float>("Target-v0", 3, 4);
  Collector<float> whole(agent, *env, 9), stepped(agent, *other, 9);
  Rollout<float> r, all;
  whole.collect_episodes({9, 0, 500}, 1, r);
  stepped.restart();
  stepped.collect(3, 1, all);
  CHECK(r.rows() == 9);
  CHECK(r.action == all.action);
  CHECK(r.log_prob == all.log_prob);
  CHECK(r.reward == all.reward);
}
