#pragma once
#include <memory>
#include <pigrad/rl/a2c.hpp>
#include <pigrad/rl/ppo.hpp>
#include <vector>

namespace pigrad::bench {

/// Our loop of settings.algorithm, a2c or ppo, whose parameters another can start from.
template <class T>
std::unique_ptr<OnPolicy<T>> on_policy(const TrainSettings& settings, const Registry& environments) {
  if (settings.algorithm == "ppo") return std::make_unique<Ppo<T>>(settings, environments);
  return std::make_unique<A2c<T>>(settings, environments);
}

template <class T>
std::vector<T> values(const Parameters<T>& parameters) {
  return {parameters.data(), parameters.data() + parameters.size()};
}

}  // namespace pigrad::bench
