#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <pigrad/nn/safetensors.hpp>
#include <pigrad/policy/policy.hpp>

using namespace pigrad;

namespace {

/// A policy as a file would hold it, small enough to compute by hand.
struct Written {
  std::vector<float> first = {0.5f, -1, 2, 0.25f, 1, -0.75f};  ///< [3×2]
  std::vector<float> first_bias = {0.1f, -0.2f, 0.3f};
  std::vector<float> second = {1, -2, 0.5f, 0.25f, 3, -1};  ///< [2×3]
  std::vector<float> second_bias = {-0.5f, 0.75f};
  std::vector<float> log_std;
  std::vector<double> mean, inverse, moments;
  std::int64_t inner = 3;  ///< columns of the second weight, as its shape has them
  Metadata about = {
      {"format", "pigrad-policy"}, {"format_version", "1"}, {"activations", "tanh,identity"}, {"actions", "discrete"}};

  Policy loaded(PolicyFault& fault) const {
    std::vector<TensorView> tensors = {tensor_view("policy.0.weight", {3, 2}, first.data()),
                                       tensor_view("policy.0.bias", {3}, first_bias.data()),
                                       tensor_view("policy.2.weight", {6 / inner, inner}, second.data()),
                                       tensor_view("policy.2.bias", {2}, second_bias.data())};
    if (!log_std.empty())
      tensors.push_back(tensor_view("policy.log_std", {static_cast<std::int64_t>(log_std.size())}, log_std.data()));
    if (!mean.empty()) tensors.push_back(tensor_view("normaliser.mean", {2}, mean.data()));
    if (!inverse.empty()) tensors.push_back(tensor_view("normaliser.inverse", {2}, inverse.data()));
    if (!moments.empty()) tensors.push_back(tensor_view("observation.moments", {6}, moments.data()));
    const auto bytes = safetensors_bytes(tensors, about);
    return Policy::parse(bytes.data(), bytes.size(), "written", fault);
  }

  /// Dimensions with bounds and a spread of their own.
  Written& box() {
    about["actions"] = "box";
    about["action.low"] = "-1,-inf";
    about["action.high"] = "1,0.5";
    log_std = {-0.5f, 0.25f};
    return *this;
  }

  std::vector<double> through(std::vector<double> x, double (*activation)(double)) const {
    std::vector<double> h(3), y(2);
    for (std::size_t i = 0; i < 3; ++i)
      h[i] = activation(first_bias[i] + first[2 * i] * x[0] + first[2 * i + 1] * x[1]);
    for (std::size_t i = 0; i < 2; ++i)
      y[i] = second_bias[i] + second[3 * i] * h[0] + second[3 * i + 1] * h[1] + second[3 * i + 2] * h[2];
    return y;
  }
};

struct Acting {
  Policy policy;
  std::vector<float> says(float a, float b) const {
    const float obs[] = {a, b};
    std::vector<float> out(static_cast<std::size_t>(policy.statistics()));
    policy.say(obs, out.data());
    return out;
  }
};

Acting loaded(const Written& written) {
  PolicyFault fault;
  Policy policy = written.loaded(fault);
  REQUIRE_MESSAGE(!fault, fault.words);
  return {std::move(policy)};
}

double tanh_of(double x) { return std::tanh(x); }
const float inputs[][2] = {{0, 0}, {1, -1}, {-2, 0.5f}, {0.3f, 12}};

}  // namespace

TEST_CASE("a policy computes its network, whatever its activation") {
  struct Form {
    const char* name;
    double (*f)(double);
  };
  const Form forms[] = {{"identity", [](double x) { return x; }},
                        {"tanh", tanh_of},
                        {"relu", [](double x) { return std::max(x, 0.0); }},
                        {"elu", [](double x) { return x > 0 ? x : std::exp(x) - 1; }},
                        {"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
                        {"softplus", [](double x) { return std::log(1 + std::exp(x)); }}};
  for (const Form& form : forms) {
    CAPTURE(form.name);
    Written written;
    written.about["activations"] = std::string(form.name) + ",identity";
    const Acting acting = loaded(written);
    CHECK(acting.policy.observations() == 2);
    CHECK(acting.policy.actions() == 2);
    CHECK(acting.policy.discrete());
    for (const auto& obs : inputs) {
      const std::vector<double> y = written.through({obs[0], obs[1]}, form.f);
      const double total = std::log(std::exp(y[0]) + std::exp(y[1]));
      const std::vector<float> says = acting.says(obs[0], obs[1]);
      for (std::size_t i = 0; i < 2; ++i)
        CHECK(std::abs(says[i] - (y[i] - total)) <= 2e-6 * std::max(1.0, std::abs(y[i] - total)));
      CHECK(acting.policy.act(obs, nullptr) == (y[1] > y[0]));
    }
  }
}

TEST_CASE("draws come as often as their probabilities have it") {
  const Acting acting = loaded(Written{});
  const float obs[] = {0.4f, 0.1f};
  const double expected = std::exp(acting.says(obs[0], obs[1])[1]);
  REQUIRE(expected > 0.1);
  REQUIRE(expected < 0.97);
  std::uint64_t seed = 3;
  constexpr int draws = 40000;
  int second = 0;
  for (int k = 0; k < draws; ++k) second += acting.policy.sample(obs, seed, nullptr);
  CHECK(std::abs(second / double(draws) - expected) < 4 * std::sqrt(expected * (1 - expected) / draws));
}

TEST_CASE("numbers drawn have the mean and the deviation that it says, and stay within bounds") {
  Written written;
  written.box().log_std = {-2.5f, -2.0f};
  written.second_bias = {0.0f, -6.0f};
  const Acting acting = loaded(written);
  const float obs[] = {0.05f, 0.3f};
  const std::vector<float> says = acting.says(obs[0], obs[1]);
  REQUIRE(std::abs(says[0]) < 0.6);
  REQUIRE(says[1] < -3);
  constexpr int draws = 40000;
  double sum[2] = {}, squares[2] = {}, product = 0;
  std::uint64_t seed = 5;
  for (int k = 0; k < draws; ++k) {
    float action[2];
    acting.policy.sample(obs, seed, action);
    double z[2];
    for (std::size_t i = 0; i < 2; ++i) {
      z[i] = (action[i] - says[i]) / std::exp(double(says[2 + i]));
      sum[i] += z[i];
      squares[i] += z[i] * z[i];
    }
    product += z[0] * z[1];
  }
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(std::abs(sum[i] / draws) < 4 / std::sqrt(double(draws)));
    CHECK(std::abs(squares[i] / draws - 1) < 4 * std::sqrt(2.0 / draws));
  }
  CHECK(std::abs(product / draws) < 4 / std::sqrt(double(draws)));

  float action[2];
  const float far[] = {40, -40};
  CHECK(acting.policy.act(far, action) == 0);
  const std::vector<float> mean = acting.says(far[0], far[1]);
  CHECK(action[0] == std::clamp(mean[0], -1.0f, 1.0f));
  CHECK(action[1] == std::min(mean[1], 0.5f));
  Written wide = written;
  wide.second_bias = {5.0f, 5.0f};
  loaded(wide).policy.act(obs, action);
  CHECK(action[0] == 1.0f);
  CHECK(action[1] == 0.5f);
  wide.second_bias = {-9.0f, -9.0f};
  loaded(wide).policy.act(obs, action);
  CHECK(action[0] == -1.0f);
  CHECK(action[1] < -5.0f);
}

TEST_CASE("spreads: of the file, fixed, stored as a logarithm of the variance, of the network") {
  Written written;
  CHECK(loaded(written.box()).says(1, 2)[2] == -0.5f);
  CHECK(loaded(written).says(1, 2)[3] == 0.25f);
  written.about["log_std_scale"] = "0.5";
  CHECK(loaded(written).says(1, 2)[2] == -0.25f);
  written.log_std.clear();
  written.about["log_std"] = "-0.125,2";
  CHECK(loaded(written).says(1, 2)[2] == -0.125f);
  CHECK(loaded(written).says(1, 2)[3] == 2.0f);
  written.about.erase("log_std");
  written.about["action.low"] = "-1";
  written.about["action.high"] = "1";
  const Acting acting = loaded(written);
  CHECK(acting.policy.actions() == 1);
  const std::vector<double> y = written.through({1, 2}, tanh_of);
  CHECK(acting.says(1, 2)[0] == doctest::Approx(y[0]).epsilon(1e-6));
  CHECK(acting.says(1, 2)[1] == doctest::Approx(0.5 * y[1]).epsilon(1e-6));
}

TEST_CASE("observations are normalised in double, from a file's numbers and from a checkpoint's moments") {
  Written written;
  written.mean = {10000.0003, -3};
  written.inverse = {1, 2};
  written.about["normaliser.clip"] = "15e-1";
  Written checkpoint;
  checkpoint.moments = {10000.0003, 0.75, 10, -3, 0, 10};
  checkpoint.about = {{"pigrad_format", "1"},
                      {"policy.format", "1"},
                      {"policy.activations", "tanh,identity"},
                      {"policy.actions", "discrete"},
                      {"policy.normaliser.clip", "1.5"},
                      {"policy.normaliser.epsilon", "0.25"}};
  for (const Written& one : {written, checkpoint}) {
    const Acting acting = loaded(one);
    for (const auto& z : {std::vector<double>{0.0009765625, -0.25}, {9, -1}, {-9, 1}, {0.5, 9}, {0.25, -9}}) {
      const float obs[] = {static_cast<float>(1e4 + z[0]), static_cast<float>(z[1] - 3)};
      const std::vector<double> held = {std::clamp(obs[0] - 10000.0003, -1.5, 1.5),
                                        std::clamp(2 * (obs[1] + 3.0), -1.5, 1.5)};
      const std::vector<double> y = one.through(held, tanh_of);
      const std::vector<float> says = acting.says(obs[0], obs[1]);
      CHECK(std::abs(says[0] - (y[0] - std::log(std::exp(y[0]) + std::exp(y[1])))) < 2e-6);
    }
  }
}

TEST_CASE("what does not fit is refused with words") {
  const auto refused = [](const Written& written, const char* words) {
    PolicyFault fault;
    const Policy policy = written.loaded(fault);
    CHECK(!policy);
    CHECK_MESSAGE(std::string(fault.words).find(words) != std::string::npos, fault.words);
  };
  const Written sound;
  const auto with = [&](const char* key, const char* value) {
    Written changed = sound;
    changed.about[key] = value;
    return changed;
  };
  refused(with("format_version", "2"), "its format is version 2, this program reads 1");
  refused(with("format_version", "0"), "version 0");
  refused(with("format_version", "one"), "version 0");
  refused(with("format", "other"), "it holds no policy of pigrad");
  refused(with("activations", "tanh,swish"), "an activation");
  refused(with("activations", "tanh,relu,identity"), "weight is missing");
  refused(with("actions", "both"), "neither discrete nor a box");
  refused(with("normaliser.clip", "0"), "no number above 0");
  refused(with("normaliser.clip", "5"), "normaliser is not that");
  Written other = sound;
  other.inner = 2;
  refused(other, "do not fit together");
  other = sound;
  other.first[3] = std::numeric_limits<float>::infinity();
  refused(other, "not finite");
  other.box().first = sound.first;
  other.log_std = {1, 2, 3};
  refused(other, "log_std is not that of its actions");
  other.box().about.erase("action.low");
  refused(other, "no bounds");
  other = sound;
  other.box().log_std.clear();
  other.second = {1, -2, 0.5f, 0.25f, 3, -1};
  other.about["action.low"] = other.about["action.high"] = "1";
  PolicyFault fault;
  CHECK(other.loaded(fault));
}
