#pragma once
#include <vector>

#include "statistics.hpp"

namespace pigrad::lab {

/// How good an estimator of ∇J is, from N independent gradients gᵢ and the exact one. Σ is the covariance of gᵢ, b the
/// bias E[g] − ∇J.
struct Quality {
  int count = 0;             ///< N
  std::vector<double> mean;  ///< ĝ [P]
  /// ‖b‖ of gᵢ: ‖ĝ − ∇J‖, from which the interval reaches as far as the noise ‖ĝ − E[g]‖ does with that confidence:
  /// a scaled χ² of the noise's own mean and variance (Satterthwaite 1946). Conservative.
  Interval bias;
  Interval variance;  ///< tr Σ, normal interval of the mean of ‖gᵢ − ĝ‖²·N/(N−1)
  Interval error;     ///< E‖g − ∇J‖², the mean squared error of one gradient, normal interval
  Interval length;    ///< E[g]·∇J/‖∇J‖²: 1 for an unbiased estimator, normal interval
  Interval cosine;    ///< of ĝ with ∇J, by the delta method
  /// P(T² this large | b = 0) of Hotelling's T² = N (ĝ − ∇J)ᵀ Σ⁻ (ĝ − ∇J) against χ² with rank Σ degrees of freedom,
  /// right for N well above P; NaN where there are no more gradients than parameters. 0 where ĝ − ∇J leaves the range
  /// of Σ by more than rounding.
  double unbiased_p = 1;
  int rank = 0;
};

/// @param gradients [N×P], independent; time and memory go with P² and P³, for P up to some hundreds
/// Throws Error for fewer than two gradients.
Quality measure(const std::vector<double>& gradients, const std::vector<double>& truth, double confidence = 0.95);

/// Hotelling's test that two sets of independent gradients have the same mean: P(T² this large | equal means).
double equal_means_p(const std::vector<double>& a, const std::vector<double>& b, int parameters);

/// Mean cosine with ∇J of the mean of `size` gradients, over as many disjoint groups as there are.
Interval cosine_of_groups(const std::vector<double>& gradients, const std::vector<double>& truth, int size,
                          double confidence = 0.95);

/// Mean squared error ‖ḡ − ∇J‖² of the mean of `size` gradients, over as many disjoint groups as there are.
Interval error_of_groups(const std::vector<double>& gradients, const std::vector<double>& truth, int size,
                         double confidence = 0.95);

double dot(const std::vector<double>& a, const std::vector<double>& b);
double norm(const std::vector<double>& a);
double cosine(const std::vector<double>& a, const std::vector<double>& b);
/// ‖a − b‖.
double distance(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace pigrad::lab
