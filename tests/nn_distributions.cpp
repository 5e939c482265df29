#include <doctest/doctest.h>

#include <memory>
#include <pigrad/nn/distribution.hpp>

#include "nn_golden.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

constexpr int choices = 5, dimensions = 3;

/// A distribution with a golden case's output and spread, and the quantity to pull back.
struct Case {
  std::string name;
  std::shared_ptr<Distribution> distribution;
  Function function;

  Case(const std::string& golden_case, const DistributionSettings& settings, const char* output = "output")
      : name(golden_case) {
    const bool discrete = settings.name == "categorical";
    distribution = make_distribution(settings, discrete ? choices : dimensions, discrete, "test");
    distribution->add_parameters(function.layout, "policy");
    if (function.layout.size() > 0) function.parameters = golden(name + "/spread");
    function.batch("output", distribution->network_outputs(), golden(name + "/" + output));
  }

  using Leaves = std::map<std::string, Tensor>;
  /// The double error of value and gradients against the golden quantity; PyTorch leaves out gradients that are 0.
  void check(const std::string& quantity, const std::function<Tensor(Tape&, const Leaves&)>& record) {
    CAPTURE(name);
    CAPTURE(quantity);
    const std::string at = name + "/" + quantity;
    function.record = record;
    const Values value = golden(at + "/value");
    function.cotangent = golden().contains(at + "/cotangent") ? golden(at + "/cotangent") : Values(value.size(), 1);
    for (const bool keep : {false, true}) {
      CAPTURE(keep);
      const Pulled in_double = pull<double>(function, keep), in_float = pull<float>(function, keep);
      CHECK(worst_error(in_double.value, value) < 1e-12);
      CHECK(scaled_error(in_float.value, value) < 1e-5);
      for (const auto& entry : in_double.gradient) {
        const std::string& leaf = entry.first;
        const Values& gradient = entry.second;
        CAPTURE(leaf);
        const bool spread = leaf.rfind("policy.", 0) == 0;
        const std::string expected = at + "/grad/" + (spread ? "spread" : leaf);
        if (golden().contains(expected)) {
          CHECK(worst_error(gradient, golden(expected)) < 1e-12);
          CHECK(scaled_error(in_float.gradient.at(leaf), golden(expected)) < 1e-5);
        } else {
          CHECK(std::all_of(gradient.begin(), gradient.end(), [](double g) { return g == 0; }));
        }
      }
    }
  }
  void check_divergences() {
    const Distribution& d = *distribution;
    function.batch("other", d.statistics_columns(), golden(name + "/other"));
    const auto other = [&](const Leaves& x) { return d.discrete() ? d.statistics(x.at("other")) : x.at("other"); };
    check("kl_to", [&](Tape&, const Leaves& x) { return d.kl(d.statistics(x.at("output")), other(x)); });
    check("kl_from", [&](Tape&, const Leaves& x) { return d.kl(other(x), d.statistics(x.at("output"))); });
  }
};

}  // namespace

TEST_CASE("categorical: log-probability, entropy and divergences equal PyTorch's, with gradients") {
  for (const char* form : {"log_softmax", "log_of_softmax"}) {
    const DistributionSettings settings{.name = "categorical", .log_prob = form};
    const std::string name = std::string("categorical/") + form;
    Case chosen(name, settings);
    const Distribution& d = *chosen.distribution;
    chosen.function.action = golden().values<std::int32_t>(name + "/action");
    chosen.check("log_prob", [&](Tape&, const auto& x) { return d.log_prob(x.at("output"), x.at("action")); });

    Case moderate(name, settings, "moderate");
    const Distribution& m = *moderate.distribution;
    moderate.check("entropy", [&](Tape&, const auto& x) { return m.entropy(x.at("output")); });
    moderate.check_divergences();
  }
}

TEST_CASE("gaussian: the same with a fixed, learned or state's spread, as log_std or log_variance") {
  const double initial = std::stod(golden().metadata().at("initial_spread"));
  for (const char* spread : {"fixed", "learned", "state"})
    for (const char* meaning : {"log_std", "log_variance"}) {
      const DistributionSettings settings{
          .name = "gaussian", .spread = spread, .spread_is = meaning, .initial_spread = initial};
      const std::string name = std::string("gaussian/") + spread + "/" + meaning;
      Case c(name, settings);
      const Distribution& d = *c.distribution;
      CHECK(c.function.layout.contains(std::string("policy.") + meaning) == (settings.spread == "learned"));
      c.check("entropy", [&](Tape&, const auto& x) { return d.entropy(x.at("output")); });
      Case with_action(name, settings);
      const Distribution& a = *with_action.distribution;
      with_action.function.batch("action", dimensions, golden(name + "/action"));
      with_action.check("log_prob", [&](Tape&, const auto& x) { return a.log_prob(x.at("output"), x.at("action")); });
      c.check_divergences();
    }
}
