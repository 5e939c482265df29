#pragma once
#include <cmath>
#include <vector>

#include "../core/conjugate_gradients.hpp"
#include "loss_terms.hpp"

namespace pigrad {

/// What PPO's clip does to the surrogate's gradient over some rows. A row whose ratio has passed 1 ± ε in the direction
/// that its advantage asks for gives none.
struct ClipShare {
  double rows = 0;    ///< share of such rows
  double mass = 0;    ///< Σ|ρÂ| over them by Σ|ρÂ| over all: the gradient's weight that is thrown away
  double cosine = 0;  ///< of the clipped gradient's angle to the unclipped one
  double norm = 0;    ///< ‖clipped‖/‖unclipped‖
};

/// Finds that for the policy as it is, over the learning rows of an algorithm's last rollout, by two gradients.
template <class T>
class ClipMeter {
 public:
  /// @param algorithm and terms outlive this; terms.look() has seen the rollout
  ClipMeter(const OnPolicy<T>& algorithm, LossTerms<T>& terms);
  ClipShare measure(double clip, int threads);

 private:
  const OnPolicy<T>* algorithm_;
  LossTerms<T>* terms_;
  Program program_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
  std::vector<T> log_prob_, whole_, held_, ones_;
};

/// a·b/(‖a‖‖b‖).
template <class T>
double cosine_of(const std::vector<T>& a, const std::vector<T>& b) {
  return inner_product(a, b) / std::sqrt(inner_product(a, a) * inner_product(b, b));
}

}  // namespace pigrad
