#pragma once
#include "fields.hpp"

namespace pigrad {

/// The step of npg and trpo along the natural gradient: how F⁻¹g is found, how far it is followed.
struct NaturalSettings {
  double max_kl = 0.01;
  double rate = 0;
  int iterations = 10;
  double tolerance = 1e-10;
  double damping = 0.1;
  int fisher_every = 1;
  int backtracks = 10;
  double shrink = 0.8;

  template <class V>
  void fields(V& v) {
    v("max_kl", max_kl, "δ: the mean KL(π_old‖π) of a step, held to second order, by trpo's line search exactly",
      more_than(0));
    v("rate", rate, "of npg: the step is this times F⁻¹g, as Kakade has it; 0: √(2δ/gᵀF⁻¹g), as long as δ allows",
      at_least(0));
    v("iterations", iterations, "of conjugate gradients, a Fisher-vector product each", at_least(1));
    v("tolerance", tolerance, "conjugate gradients end early where the residual is this part of g", at_least(0));
    v("damping", damping, "λ: F + λI stands for F, which is singular where the policy cannot move", at_least(0));
    v("fisher_every", fisher_every, "F is a mean over every so manyth row: cheaper products (Schulman 2015, app. C)",
      at_least(1));
    v("backtracks", backtracks, "of trpo's line search: steps tried after the first before the policy stays",
      at_least(0));
    v("shrink", shrink, "of trpo's line search: what a step that failed is multiplied by", range_below(0, 1));
  }
};

}  // namespace pigrad
