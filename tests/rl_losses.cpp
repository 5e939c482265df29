#include <doctest/doctest.h>

#include <pigrad/rl/losses.hpp>

#include "nn_golden.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

constexpr int features = 4, choices = 5, dimensions = 3;

/// A golden case's agent and minibatch, in scalar T.
template <class T>
struct Case {
  std::string name;
  std::vector<std::string> settings;  ///< distribution, log_prob, spread, spread_is
  Agent<T> agent;
  std::vector<T> obs, weight, acted, action;
  std::vector<std::int32_t> index;

  explicit Case(const std::string& golden_case)
      : name(golden_case), settings(golden_list(name + "/settings")), agent(make_agent(settings)) {
    for (const Segment& s : agent.layout().segments()) {
      const Values values = golden(name + "/" + s.name);
      REQUIRE(static_cast<int>(values.size()) == s.size());
      std::copy(values.begin(), values.end(), agent.parameters().data(s.name));
    }
    agent.parameters().touch();
    obs = cast(golden(name + "/obs"));
    weight = cast(golden(name + "/weight"));
    acted = cast(golden(name + "/acted"));
    if (agent.distribution().discrete())
      index = golden().values<std::int32_t>(name + "/action");
    else
      action = cast(golden(name + "/action"));
  }

  static std::vector<T> cast(const Values& from) {
    std::vector<T> to(from.size());
    std::transform(from.begin(), from.end(), to.begin(), [](double x) { return static_cast<T>(x); });
    return to;
  }

  static Agent<T> make_agent(const std::vector<std::string>& settings) {
    Spec spec;
    spec.id = "test";
    spec.observation = Space::box(features, -1, 1);
    spec.action = settings[0] == "categorical" ? Space::discrete(choices) : Space::box(dimensions, -1, 1);
    PolicySettings policy;
    policy.network.hidden = {8};
    policy.distribution = {settings[0], settings[1], settings[2], settings[3], 0};
    CriticSettings critic;
    critic.network.hidden = {6};
    return Agent<T>(spec, policy, &critic, 1);
  }

  int rows() const { return static_cast<int>(weight.size()); }

  Bindings<T> bindings(const Program& program) const {
    Bindings<T> b(program);
    b.parameters(agent.parameters().data());
    b.rows(rows());
    for (const InputSlot& slot : program.inputs()) {
      if (slot.name == "obs") b.input("obs", obs.data(), 1, features);
      if (slot.name == "weight") b.input("weight", weight.data(), 0);
      if (slot.name == "log_prob") b.input("log_prob", acted.data(), 0);
      if (slot.name == "action" && slot.index) b.index("action", index.data());
      if (slot.name == "action" && !slot.index) b.input("action", action.data(), 1, dimensions);
    }
    return b;
  }
};

struct Result {
  double loss = 0;
  std::map<std::string, Values> gradient;  ///< by segment
  double entropy = 0, kl = 0;
};

template <class T>
Result result_of(const Case<T>& c, const Program& program, int threads = 1) {
  Workspace<T> workspace(program);
  std::vector<T> gradient(static_cast<std::size_t>(c.agent.parameters().size()));
  Result result;
  result.loss =
      static_cast<double>(workspace.run(c.bindings(program), Sink<T>::sum(gradient.data()), {.threads = threads}).loss);
  for (const Segment& s : c.agent.layout().segments())
    result.gradient[s.name] = Values(gradient.begin() + s.offset, gradient.begin() + s.offset + s.size());
  if (program.outputs().size() == 2) {
    result.entropy = static_cast<double>(workspace.fixed_output("entropy"));
    result.kl = static_cast<double>(workspace.fixed_output("kl"));
  }
  return result;
}

struct NamedLoss {
  const char* name;
  Program program;
};

template <class T>
std::vector<NamedLoss> losses(const Agent<T>& agent) {
  const double bonus = std::stod(golden().metadata().at("bonus"));
  return {{"policy", policy_gradient_loss(agent, 0)},
          {"policy_bonus", policy_gradient_loss(agent, bonus)},
          {"value_mse", value_loss(agent, false)},
          {"value_broadcast", value_loss(agent, true)}};
}

}  // namespace

TEST_CASE("losses and gradients equal PyTorch's, with and without entropy bonus, plain and broadcast") {
  for (const std::string& name : golden_list("losses")) {
    CAPTURE(name);
    const Case<double> in_double(name);
    const Case<float> in_float(name);
    std::vector<std::string> names;
    for (const Segment& s : in_double.agent.layout().segments()) names.push_back(s.name);
    CHECK(names == golden_list(name + "/names"));
    const auto programs = losses(in_double.agent);
    const auto narrow_programs = losses(in_float.agent);
    for (std::size_t i = 0; i < programs.size(); ++i) {
      const std::string at = name + "/" + programs[i].name;
      CAPTURE(at);
      const Result result = result_of(in_double, programs[i].program);
      const Result narrow = result_of(in_float, narrow_programs[i].program);
      CHECK(worst_error({result.loss}, golden(at + "/loss")) < 1e-12);
      CHECK(worst_error({narrow.loss}, golden(at + "/loss")) < 1e-5);
      for (const auto& entry : result.gradient) {
        const std::string& segment = entry.first;
        const Values& gradient = entry.second;
        CAPTURE(segment);
        const Values expected = golden(at + "/grad/" + segment);
        CHECK(worst_error(gradient, expected) < 1e-12);
        const bool reached = std::any_of(expected.begin(), expected.end(), [](double g) { return g != 0; });
        CHECK(reached == (segment.rfind(at.find("/policy") != std::string::npos ? "policy" : "critic", 0) == 0));
        if (reached) CHECK(scaled_error(narrow.gradient.at(segment), expected) < 1e-5);
      }
      if (programs[i].program.outputs().empty()) continue;
      CHECK(worst_error({result.entropy}, golden(name + "/entropy")) < 1e-12);
      CHECK(worst_error({result.kl}, golden(name + "/kl")) < 1e-12);
    }
  }
}

TEST_CASE("losses are row-local but for the broadcast one, and the number of threads changes no bit") {
  const Case<float> c("loss/learned");
  for (const NamedLoss& loss : losses(c.agent)) {
    CAPTURE(loss.name);
    CHECK(loss.program.row_mixing() == (loss.name == std::string("value_broadcast")));
    const Result one = result_of(c, loss.program), three = result_of(c, loss.program, 3);
    CHECK(one.loss == three.loss);
    CHECK(one.gradient == three.gradient);
  }
}

TEST_CASE("a step against the gradient raises what was praised, and a bonus raises the entropy") {
  for (const char* name : {"loss/log_softmax", "loss/learned", "loss/state"}) {
    CAPTURE(name);
    Case<double> c(name);
    const auto after_step = [&](const Program& program) {
      const Result before = result_of(c, program);
      const std::vector<double> start(c.agent.parameters().data(),
                                      c.agent.parameters().data() + c.agent.parameters().size());
      for (const Segment& s : c.agent.layout().segments())
        for (int i = 0; i < s.size(); ++i)
          c.agent.parameters().data(s.name)[i] -= 1e-4 * before.gradient.at(s.name)[static_cast<std::size_t>(i)];
      const Result after = result_of(c, program);
      std::copy(start.begin(), start.end(), c.agent.parameters().data());
      return std::pair{before, after};
    };
    SUBCASE("praise") {
      std::fill(c.weight.begin(), c.weight.end(), 1.0);
      const auto [before, after] = after_step(policy_gradient_loss(c.agent, 0));
      CHECK(after.kl < before.kl);
    }
    SUBCASE("bonus alone") {
      std::fill(c.weight.begin(), c.weight.end(), 0.0);
      const auto [before, after] = after_step(policy_gradient_loss(c.agent, 0.5));
      CHECK(before.loss == doctest::Approx(-0.5 * before.entropy).epsilon(1e-12));
      CHECK(after.entropy > before.entropy);
    }
  }
}

TEST_CASE("the broadcast loss is least where every value is the minibatch's mean, whatever the states") {
  Case<double> c("loss/learned");
  const double n = c.rows();
  double mean = 0, variance = 0;
  for (const double r : c.weight) mean += r / n;
  for (const double r : c.weight) variance += (r - mean) * (r - mean) / n;
  const Program broadcast = value_loss(c.agent, true), plain = value_loss(c.agent, false);
  Parameters<double>& parameters = c.agent.parameters();
  for (int i = c.agent.critic_range().begin; i < c.agent.critic_range().end; ++i) parameters.data()[i] = 0;
  double& bias = *parameters.data("critic.2.bias");
  for (const double off : {0.0, -0.75, 2.0}) {
    bias = mean + off;
    const Result result = result_of(c, broadcast);
    CHECK(result.loss == doctest::Approx(variance + off * off).epsilon(1e-12));
    CHECK(result.gradient.at("critic.2.bias")[0] == doctest::Approx(2 * off).epsilon(1e-12));
    CHECK(result.loss == doctest::Approx(result_of(c, plain).loss).epsilon(1e-12));
  }

  const Case<double> other("loss/learned");
  const Result spread = result_of(other, broadcast);
  CHECK(spread.loss > variance);

  Case<double> fitted("loss/learned");
  Workspace<double> workspace(fitted.agent.valuing());
  Bindings<double> b = fitted.bindings(fitted.agent.valuing());
  b.output("value", fitted.weight.data(), 0);
  workspace.run(b, Sink<double>::none());
  CHECK(result_of(fitted, plain).loss == 0);
  CHECK(result_of(fitted, broadcast).loss > 0.01);
  CHECK(std::abs(result_of(fitted, broadcast).gradient.at("critic.2.weight")[0]) > 1e-3);
}
