#include "distribution.hpp"

#include <cmath>

#include "../core/ops.hpp"
#include "distributions/categorical.hpp"
#include "distributions/gaussian.hpp"

namespace pigrad {
namespace {

template <class D>
std::unique_ptr<Distribution> make(const DistributionSettings& settings, int actions) {
  return std::make_unique<D>(settings, actions);
}

struct Family {
  const char* name;
  bool discrete;
  std::unique_ptr<Distribution> (*make)(const DistributionSettings&, int actions);
};
/// The one list of distributions.
constexpr Family families[] = {{"categorical", true, &make<Categorical>}, {"gaussian", false, &make<Gaussian>}};

void check_choice(const char* setting, const std::string& value, const char* first, const char* second,
                  const char* third = nullptr) {
  if (value == first || value == second || (third && value == third)) return;
  throw Error(
      setting, "there is no '" + value + "'",
      std::string("use ") + first + (third ? std::string(", ") + second : "") + " or " + (third ? third : second));
}

}  // namespace

Tensor Distribution::log_prob_from(const Tensor& statistics, const Tensor& action) const {
  return gather(statistics, action).named("log_prob");
}

Tensor Distribution::action_input(Tape& tape, const std::string& name) const {
  return discrete() ? tape.index(name) : tape.input(name, actions_);
}

std::vector<std::string> distribution_names() {
  std::vector<std::string> names;
  for (const Family& f : families) names.emplace_back(f.name);
  return names;
}

std::unique_ptr<Distribution> make_distribution(const DistributionSettings& settings, int actions, bool discrete_space,
                                                const std::string& space_name, const std::string& where) {
  check_choice("distribution.log_prob", settings.log_prob, "log_softmax", "log_of_softmax");
  check_choice("distribution.spread", settings.spread, "fixed", "learned", "state");
  check_choice("distribution.spread_is", settings.spread_is, "log_std", "log_variance");
  require(std::isfinite(settings.initial_spread), "distribution.initial_spread", "it is not a finite number",
          "give the log of a deviation or variance, such as 0");
  if (actions < 1)
    throw Error("distribution", std::to_string(actions) + " actions", "give at least one choice or dimension");
  std::string names;
  for (const Family& f : families) {
    names += (names.empty() ? "" : ", ") + std::string(f.name);
    if (settings.name != f.name) continue;
    if (f.discrete == discrete_space) return f.make(settings, actions);
    throw Error(where,
                "a " + settings.name + " policy cannot serve " + space_name + ", whose actions are " +
                    (discrete_space ? "discrete" : "continuous"),
                discrete_space ? "use categorical" : "use gaussian");
  }
  throw Error(where, "there is no '" + settings.name + "'", "use one of: " + names);
}

}  // namespace pigrad
