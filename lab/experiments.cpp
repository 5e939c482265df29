#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../core/error.hpp"
#include "../core/nearest.hpp"
#include "experiment.hpp"
#include "experiments/list.hpp"

namespace pigrad::lab {

const std::vector<Experiment>& experiments() {
#define PIGRAD_MAKE(name) name##_experiment(),
  static const std::vector<Experiment> list = {PIGRAD_EXPERIMENTS(PIGRAD_MAKE)};
#undef PIGRAD_MAKE
  return list;
}

const Experiment& find_experiment(const std::string& name) {
  std::vector<std::string> names;
  for (const Experiment& one : experiments()) {
    if (name == one.name) return one;
    names.emplace_back(one.name);
  }
  throw Error("lab", "there is no experiment '" + name + "'", did_you_mean(name, names) + "see `pigrad lab list`");
}

bool ExperimentResult::holds() const {
  return std::all_of(claims.begin(), claims.end(), [](const Claim& claim) { return claim.holds; });
}

int ExperimentSettings::samples(int full, int least) const {
  return std::max(least, static_cast<int>(std::lround(effort * full)));
}

std::string digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string digits(double value, double low, double high) {
  return digits(value) + " [" + digits(low) + ", " + digits(high) + "]";
}

}  // namespace pigrad::lab
