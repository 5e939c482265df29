#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../rl/on_policy.hpp"
#include "noise.hpp"

namespace pigrad {

/// Measures the quality of a run's gradients while it trains, each so many updates, and adds what it finds to the
/// epoch's metrics: docs/metrics.md names them. It changes no bit of the run.
///
/// A rollout gives independent estimates of each loss term's gradient: one a copy, or, of a single copy, one a
/// trajectory. With N learning rows, n of them the i-th's, gᵢ = B/N Σ_{t ∈ i} ∇ of row t's term, so that ĝ = mean gᵢ is
/// the term's gradient over the rollout. What the estimates share (the critic, the advantages' normalisation) counts as
/// given.
///
/// Terms: actor −ln π(a|s)Ψ; critic, with its coefficient in a joint loss; entropy −cH where c is not 0.
class GradientMetrics {
 public:
  virtual ~GradientMetrics() = default;
  /// How often the actor's |G|² was measured, and how often it came out negative.
  virtual std::string words() const = 0;
  /// What the next measurement compares with: for checkpoints.
  virtual void save(State& state) const = 0;
  virtual void load(const State& state) = 0;
};

/// Attaches to an algorithm's hooks, which must outlive no call of it; its other hooks stay as they were in `hooks`.
/// @param every updates from one measured to the next
/// Throws Error if `every` is not positive.
template <class T>
std::unique_ptr<GradientMetrics> measure_gradients(OnPolicy<T>& algorithm, int every, Hooks<T> hooks = {});

/// The same for an algorithm made by name. Throws Error for one that is not on-policy.
std::unique_ptr<GradientMetrics> measure_gradients(Algorithm& algorithm, int every);

}  // namespace pigrad
