#include <doctest/doctest.h>

#include <pigrad/core/ops.hpp>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/a2c_joint.hpp>
#include <pigrad/rl/handover.hpp>
#include <pigrad/rl/vpg.hpp>

#include "rl_bits.hpp"

using namespace pigrad_test;

namespace {

/// Where the rollout is one minibatch by its size, nothing is handed over.
template <template <class> class A>
void check_bits(TrainSettings s) {
  const Registry environments = Registry::builtin();
  s.minibatch = 0;
  A<float> with(s, environments);
  s.minibatch = s.copies * s.steps;
  A<float> without(s, environments);
  CHECK(train(with, 4, 2) == train(without, 4, 1));
  CHECK(same_bits(parameters_of<float>(with), parameters_of<float>(without)));
}

}  // namespace

TEST_CASE("learning takes what acting and valuing found, to the bit") {
  for (const int copies : {1, 16, 24}) {
    CAPTURE(copies);
    TrainSettings s = base("a2c", "float32", copies);
    s.steps = 48;
    check_bits<A2c>(s);
    s.critic.time = true;
    s.boundary.edge = "drop";
    check_bits<A2c>(s);
    s = base("vpg", "float32", copies);
    s.steps = 48;
    check_bits<Vpg>(s);
  }
  TrainSettings s = base("a2c", "float32", 16);
  s.steps = 32;
  s.environment = "Pendulum-v1";
  s.policy.distribution.name = "gaussian";
  s.observation.normalise = true;
  check_bits<A2c>(s);
}

TEST_CASE("so does a joint loss, of networks apart and of shared layers") {
  for (const int copies : {1, 16}) {
    TrainSettings s = base("a2c-joint", "float32", copies);
    s.critic.steps_per_minibatch = 1;
    s.steps = 48;
    check_bits<A2cJoint>(s);
    s.critic.kind = "shared";
    check_bits<A2cJoint>(s);
  }
}

TEST_CASE("a rollout of somebody else's takes nothing from the last one that was collected") {
  const Registry environments = Registry::builtin();
  TrainSettings s = base("a2c", "float32", 16);
  s.minibatch = 0;
  A2c<float> source(s, environments), with(s, environments), without(s, environments.spec(s.environment));
  source.epoch(1);
  with.epoch(1);
  without.learn(with.rollout());
  source.epoch(1);
  CHECK(text(with.learn(source.rollout())) == text(without.learn(source.rollout())));
  CHECK(same_bits(parameters_of<float>(with), parameters_of<float>(without)));
}

TEST_CASE("values serve one version of the parameters, and no rollout that outgrows the cache") {
  ParameterLayout layout;
  layout.add("w", 64, 4), layout.add("b", 1, 64), layout.add("other", 1, 1);
  const auto record = [&](bool with_loss) {
    Tape t(layout);
    const Tensor h = tanh(affine(t.input("obs", 4), t.parameter("w"), t.parameter("b")));
    return with_loss ? t.program(mean(h)) : t.program({{"h", h}});
  };
  const Program acting = record(false), loss = record(true);
  Parameters<float> parameters(layout);
  const ParameterRange own{0, 320};
  Handover<float> handover(parameters, own, acting, loss);
  Workspace<float> giving(acting), taking(loss);
  Bindings<float> give(acting), take(loss);
  const auto losses = [&](int rows) {
    std::vector<float> obs(static_cast<std::size_t>(4 * rows), 1.0f);
    for (int i = 0; i < own.end; ++i) parameters.data()[i] = 0.01f;
    parameters.touch();
    for (Bindings<float>* b : {&give, &take}) {
      b->parameters(parameters);
      b->input(0, obs.data(), rows);
      b->rows(rows);
    }
    handover.begin(rows);
    handover.give(give, 0);
    giving.run(give, Sink<float>::none());
    handover.given();
    for (int i = 0; i < own.end; ++i) parameters.data()[i] = 0.02f;
    std::vector<double> all;
    const auto note = [&] {
      handover.take(take, 0);
      all.push_back(static_cast<double>(taking.run(take, Sink<float>::none()).loss));
    };
    note();
    parameters.touch({320, 321});
    note();
    parameters.touch({100, 101});
    note();
    return all;
  };
  const auto few = losses(160);
  CHECK(few[0] == doctest::Approx(std::tanh(0.05)));
  CHECK(few[1] == few[0]);
  CHECK(few[2] == doctest::Approx(std::tanh(0.1)));
  const auto many = losses(20000);
  for (const double loss_seen : many) CHECK(loss_seen == doctest::Approx(std::tanh(0.1)));
}
