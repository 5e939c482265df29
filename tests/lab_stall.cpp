#include <doctest/doctest.h>

#include <algorithm>
#include <pigrad/lab/stall.hpp>
#include <pigrad/rl/a2c.hpp>

using namespace pigrad;

namespace {

TrainSettings small(const char* activation) {
  TrainSettings s;
  s.copies = 2;
  s.steps = 60;
  s.policy.network.hidden = {8};
  s.critic.network.hidden = {8};
  s.policy.network.activation = activation;
  return s;
}

void set(A2c<double>& a, const std::string& segment, double value) {
  double* data = a.agent().parameters().data(segment);
  std::fill_n(data, a.layout().find(segment).size(), value);
  a.agent().parameters().touch();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a policy that learns has nothing said of it") {
  A2c<double> a(small("tanh"), Registry::builtin());
  CHECK(why_no_gradient(a).empty());
  a.epoch(1);
  CHECK(why_no_gradient(a).empty());
}

TEST_CASE("dead and saturated layers are named with their units") {
  for (const auto& [activation, bias, words] :
       {std::tuple{"relu", -1e3, "8 of the 8 relu units of layer policy.0 are 0"},
        std::tuple{"tanh", 1e3, "8 of the 8 tanh units of layer policy.0 are saturated"},
        std::tuple{"sigmoid", 1e3, "8 of the 8 sigmoid units of layer policy.0 are saturated"}}) {
    A2c<double> a(small(activation), Registry::builtin());
    set(a, "policy.0.bias", bias);
    a.epoch(1);
    set(a, "policy.0.bias", bias);
    const std::string said = why_no_gradient(a);
    CHECK_MESSAGE(has(said, words), said);
    CHECK(has(said, "every one of 120 samples"));
  }
}

TEST_CASE("a policy that is sure everywhere is said, with its least sure sample") {
  A2c<double> a(small("tanh"), Registry::builtin());
  set(a, "policy.2.weight", 0);
  a.agent().parameters().data("policy.2.bias")[0] = 40;
  a.agent().parameters().touch();
  a.epoch(1);
  a.agent().parameters().data("policy.2.bias")[0] = 40;
  const std::string said = why_no_gradient(a);
  CHECK_MESSAGE(has(said, "the policy is sure of its actions"), said);
  CHECK(has(said, "of copy "));
}

TEST_CASE("equal advantages are said") {
  TrainSettings s = small("tanh");
  s.environment = "ConstantReward-v0";
  s.advantage.normalise = false;
  s.advantage.estimator = "reward_to_go";
  s.advantage.baseline = false;
  s.boundary.edge = "drop";
  A2c<double> a(s, Registry::builtin());
  Rollout<double> rollout;
  rollout.resize(30, 1, a.spec().observation.size(), 0);
  std::fill(rollout.log_prob.begin(), rollout.log_prob.end(), -0.7);
  rollout.terminated.back() = 1;
  rollout.valid.assign(30, 1);
  a.learn(rollout);
  CHECK_MESSAGE(has(why_no_gradient(a), "every advantage of the last rollout is 0"), why_no_gradient(a));
}

TEST_CASE("the watch begins where the norm stays a millionth of the largest, and forgets when it comes back") {
  StallWatch watch;
  const auto epoch = [&](int number, double norm) { watch.epoch(number, {{"train/policy_grad_norm", norm}}); };
  epoch(1, 0.5), epoch(2, 2.0), epoch(3, 1e-3);
  CHECK(watch.since() == 0);
  epoch(4, 1e-7), epoch(5, 0);
  CHECK(watch.since() == 4);
  epoch(6, 0.1);
  CHECK(watch.since() == 0);
  epoch(7, 0);
  CHECK(watch.since() == 7);
}
