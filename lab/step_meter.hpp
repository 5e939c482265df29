#pragma once
#include <map>
#include <string>
#include <vector>

#include "../rl/hooks.hpp"
#include "../rl/on_policy.hpp"
#include "noise.hpp"
#include "running_mean.hpp"

namespace pigrad {

/// What optimiser steps do, one by one: the turn from the step before, what clipping by the global norm cuts off, how
/// far each layer moves.
template <class T>
class StepMeter {
 public:
  /// @param algorithm outlives this
  explicit StepMeter(const OnPolicy<T>& algorithm);

  /// Before the first step that counts: where the parameters are.
  void begin();
  /// A step that counts.
  void measure(const StepEnd<T>& step);
  /// The gradient that the next step compares with.
  void remember(const StepEnd<T>& step) { previous_[step.optimiser] = step.gradient; }
  void forget() { previous_.clear(); }
  /// Adds the means since the last report.
  void report(Metrics& metrics);
  void save(State& state) const;
  void load(const State& state);

 private:
  struct Of {
    RunningMean cosine, cut, clipped;
  };
  double most(const std::string& optimiser) const;

  const OnPolicy<T>* algorithm_;
  std::vector<Layer> layers_;
  std::vector<RunningMean> moved_;
  std::map<std::string, Of> of_;
  std::map<std::string, std::vector<T>> previous_;
  std::vector<T> before_;
};

}  // namespace pigrad
