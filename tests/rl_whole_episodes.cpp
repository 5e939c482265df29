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
