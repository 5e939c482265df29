#pragma once
#include <string>

#include "../rl/on_policy.hpp"

namespace pigrad {

/// Notices that a run's policy gradient has died away: in every epoch since `since` its norm was under a millionth of
/// the largest that the run has seen.
class StallWatch {
 public:
  void epoch(int number, const Metrics& metrics);
  /// The first epoch of the stall; 0 while the run learns.
  int since() const { return since_; }

 private:
  double largest_ = 0;
  int since_ = 0;
};

/// What in the policy or its last rollout leaves no gradient, in words that name the layer, the sample and the values
/// there; empty if nothing does. Looked for in this order: advantages that are all equal; a hidden layer most of whose
/// units are dead (relu: 0 on every sample) or saturated (tanh, sigmoid: within 1e-3 of their limits on every sample);
/// a policy that is sure of its action everywhere, so that every score is all but 0.
template <class T>
std::string why_no_gradient(OnPolicy<T>& algorithm);

/// The same for an algorithm made by name.
std::string why_no_gradient(Algorithm& algorithm);

}  // namespace pigrad
