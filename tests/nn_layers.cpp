#include <doctest/doctest.h>

#include <pigrad/nn/mlp.hpp>

#include "nn_golden.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

/// The network of a golden case, its parameters and inputs.
Function network(const std::string& name) {
  MlpSettings settings;
  settings.hidden.clear();
  for (const std::string& size : golden_list(name + "/hidden")) settings.hidden.push_back(std::stoi(size));
  settings.activation = activation_of(golden().metadata().at(name + "/activation"));
  settings.output_activation = activation_of(golden().metadata().at(name + "/output_activation"));
  Function f;
  const Mlp mlp(f.layout, "net", 4, 3, settings);
  for (const Segment& s : f.layout.segments()) {
    const Values values = golden(name + "/" + s.name);
    f.parameters.insert(f.parameters.end(), values.begin(), values.end());
  }
  f.batch("x", 4, golden(name + "/x"));
  f.cotangent = golden(name + "/cotangent");
  f.record = [mlp](Tape&, const std::map<std::string, Tensor>& leaves) { return mlp(leaves.at("x")); };
  return f;
}

std::vector<std::string> names_of(const ParameterLayout& layout) {
  std::vector<std::string> names;
  for (const Segment& s : layout.segments()) names.push_back(s.name);
  return names;
}

}  // namespace

TEST_CASE("layers, values and gradients equal PyTorch's for every activation, hidden and of the output") {
  std::vector<std::string> seen;
  for (const std::string& name : golden_list("mlp")) {
    CAPTURE(name);
    const Function f = network(name);
    CHECK(names_of(f.layout) == golden_list(name + "/names"));
    for (const bool keep : {false, true}) {
      CAPTURE(keep);
      const Pulled in_double = pull<double>(f, keep), in_float = pull<float>(f, keep);
      CHECK(worst_error(in_double.value, golden(name + "/value")) < 1e-12);
      CHECK(scaled_error(in_float.value, golden(name + "/value")) < 3e-6);
      CHECK(in_double.gradient.size() == f.layout.segments().size() + (keep ? 1 : 0));
      for (const auto& entry : in_double.gradient) {
        const std::string& source = entry.first;
        const Values& gradient = entry.second;
        CAPTURE(source);
        CHECK(worst_error(gradient, golden(name + "/grad/" + source)) < 1e-12);
        CHECK(scaled_error(in_float.gradient.at(source), golden(name + "/grad/" + source)) < 3e-6);
      }
    }
    seen.push_back(golden().metadata().at(name + "/activation"));
    seen.push_back("output " + golden().metadata().at(name + "/output_activation"));
  }
  for (const std::string& name : activation_names()) {
    CAPTURE(name);
    CHECK(std::count(seen.begin(), seen.end(), name) > 0);
    CHECK(std::count(seen.begin(), seen.end(), "output " + name) > 0);
  }
}

TEST_CASE("the cases differ from each other, so that no setting is idle") {
  const Function base = network("mlp/hidden-tanh");
  const Values expected = golden("mlp/hidden-tanh/value");
  for (const char* other : {"identity", "relu", "elu", "sigmoid", "softplus"}) {
    CAPTURE(other);
    Function f = base;
    ParameterLayout fresh;
    const Mlp mlp(fresh, "net", 4, 3, {{6, 5}, activation_of(other), Activation::identity});
    f.record = [mlp](Tape&, const std::map<std::string, Tensor>& leaves) { return mlp(leaves.at("x")); };
    CHECK(scaled_error(pull<double>(f, false).value, expected) > 1e-3);
  }
}

TEST_CASE("a linear layer is x Wᵀ + b, owns its segments, and its node carries its name") {
  ParameterLayout layout;
  layout.add("earlier", 2, 2);
  const Linear linear(layout, "critic.head", 3, 2);
  CHECK(linear.inputs() == 3);
  CHECK(linear.outputs() == 2);
  CHECK(linear.range().begin == 4);
  CHECK(linear.range().end == 12);
  Tape tape(layout);
  const Tensor y = linear(tape.input("x", 3));
  CHECK(tape.program({{"y", y}}).node(y.id()).label == "critic.head");

  Function f;
  f.layout = layout;
  f.parameters = {9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 0.5, -0.5};
  f.batch("x", 3, {1, 0, -1, 2, 2, 2});
  f.cotangent = {1, 1, 1, 1};
  f.record = [&](Tape&, const std::map<std::string, Tensor>& leaves) { return linear(leaves.at("x")); };
  const Pulled pulled = pull<double>(f, true);
  CHECK(pulled.value == Values{-1.5, -2.5, 12.5, 29.5});
  CHECK(pulled.gradient.at("x") == Values{5, 7, 9, 5, 7, 9});
  CHECK(pulled.gradient.at("critic.head.weight") == Values{3, 2, 1, 3, 2, 1});
  CHECK(pulled.gradient.at("critic.head.bias") == Values{2, 2});
  CHECK(pulled.gradient.at("earlier") == Values{0, 0, 0, 0});
}

TEST_CASE("Mlp::initialise gives hidden weights, the last weight and biases their own starts") {
  ParameterLayout layout;
  const Linear other(layout, "other", 2, 2);
  const Mlp mlp(layout, "policy", 4, 2, {{64, 32}, Activation::tanh, Activation::identity});
  Parameters<double> parameters(layout);
  const auto version = parameters.version();
  const auto largest = [&](const std::string& segment) {
    double most = 0;
    for (int i = 0; i < layout.find(segment).size(); ++i) most = std::max(most, std::abs(parameters.data(segment)[i]));
    return most;
  };
  const auto rows_are_orthogonal = [&](const std::string& segment, double gain) {
    const Segment& s = layout.find(segment);
    const bool tall = s.rows > s.columns;
    const int count = tall ? s.columns : s.rows, length = tall ? s.rows : s.columns;
    const double* w = parameters.data(segment);
    double worst = 0;
    for (int i = 0; i < count; ++i)
      for (int j = 0; j < count; ++j) {
        double dot = 0;
        for (int k = 0; k < length; ++k)
          dot += tall ? w[k * s.columns + i] * w[k * s.columns + j] : w[i * s.columns + k] * w[j * s.columns + k];
        worst = std::max(worst, std::abs(dot - (i == j ? gain * gain : 0)));
      }
    return worst < 1e-12;
  };

  SUBCASE("PyTorch's default: one over the root of the layer's inputs, for its bias too") {
    const Initialiser pytorch = Initialiser::parse("pytorch");
    mlp.initialise(parameters, pytorch, pytorch, pytorch, 5);
    const std::pair<const char*, double> bounds[] = {
        {"policy.0", 1 / 2.0}, {"policy.2", 1 / 8.0}, {"policy.4", std::sqrt(1 / 32.0)}};
    for (const auto& entry : bounds) {
      const std::string layer = entry.first;
      const double bound = entry.second;
      CAPTURE(layer);
      for (const char* part : {".weight", ".bias"}) {
        CHECK(largest(layer + part) <= bound);
        CHECK(largest(layer + part) > 0.1 * bound);
      }
      CHECK(largest(layer + ".weight") > 0.9 * bound);
    }
    CHECK(largest("policy.0.bias") > 0.9 * 0.5);
  }
  SUBCASE("orthogonal with its gains, biases zero") {
    mlp.initialise(parameters, Initialiser::parse("orthogonal:1.5"), Initialiser::parse("orthogonal:0.01"),
                   Initialiser::parse("zeros"), 5);
    CHECK(rows_are_orthogonal("policy.0.weight", 1.5));
    CHECK(rows_are_orthogonal("policy.2.weight", 1.5));
    CHECK(rows_are_orthogonal("policy.4.weight", 0.01));
    for (const char* bias : {"policy.0.bias", "policy.2.bias", "policy.4.bias"}) CHECK(largest(bias) == 0);
  }
  SUBCASE("Xavier within its bound of both fans") {
    mlp.initialise(parameters, Initialiser::parse("xavier_uniform"), Initialiser::parse("xavier_uniform:2"),
                   Initialiser::parse("constant:0.25"), 5);
    const std::pair<const char*, double> bounds[] = {{"policy.0.weight", std::sqrt(6.0 / 68)},
                                                     {"policy.2.weight", std::sqrt(6.0 / 96)},
                                                     {"policy.4.weight", 2 * std::sqrt(6.0 / 34)}};
    for (const auto& [segment, bound] : bounds) {
      CHECK(largest(segment) <= bound);
      CHECK(largest(segment) > 0.9 * bound);
    }
    CHECK(parameters.data("policy.2.bias")[31] == 0.25);
  }
  CHECK(parameters.version() > version);
  CHECK(largest("other.weight") == 0);
}

TEST_CASE(
    "float starts are double ones rounded, seeds differ, and a network without hidden layers takes the output's "
    "start") {
  ParameterLayout layout;
  const Mlp mlp(layout, "v", 5, 3, {{}, Activation::tanh, Activation::identity});
  CHECK(names_of(layout) == std::vector<std::string>{"v.0.weight", "v.0.bias"});
  Parameters<double> wide(layout), again(layout), other(layout);
  Parameters<float> narrow(layout);
  const Initialiser zeros = Initialiser::parse("zeros"), normal = Initialiser::parse("xavier_normal"), bias;
  mlp.initialise(wide, zeros, normal, bias, 1);
  mlp.initialise(again, zeros, normal, bias, 1);
  mlp.initialise(other, zeros, normal, bias, 2);
  mlp.initialise(narrow, zeros, normal, bias, 1);
  for (int i = 0; i < layout.size(); ++i) {
    CHECK(wide.data()[i] != 0);
    CHECK(wide.data()[i] == again.data()[i]);
    CHECK(wide.data()[i] != other.data()[i]);
    CHECK(narrow.data()[i] == static_cast<float>(wide.data()[i]));
  }
}

TEST_CASE("networks that cannot be made are refused, and activations are found by name") {
  ParameterLayout layout;
  CHECK_THROWS_AS(Mlp(layout, "a", 0, 2, {}), Error);
  CHECK_THROWS_AS(Mlp(layout, "b", 4, 2, {{8, 0}, Activation::tanh, Activation::identity}), Error);
  CHECK_THROWS_AS(Mlp(layout, "c", 4, -1, {}), Error);
  const Mlp first(layout, "policy", 4, 2, {});
  CHECK_THROWS_WITH_AS(Mlp(layout, "policy", 4, 2, {}), doctest::Contains("policy.0.weight"), Error);
  for (const std::string& name : activation_names()) CHECK(activation_name(activation_of(name)) == name);
  CHECK_THROWS_WITH_AS(activation_of("Tanh"),
                       "activation: there is no 'Tanh'; use one of: identity, tanh, relu, elu, sigmoid, softplus",
                       Error);
}
