#pragma once
#include <vector>

namespace pigrad::lab {

/// z with P(Z ≤ z) = p for a standard normal Z, by bisection of erfc to 1e-12.
double normal_quantile(double p);
/// x with P(X ≤ x) = p for X ~ χ² with so many degrees of freedom, which need not be whole. Wilson and Hilferty 1931,
/// refined by Newton's method on the regularised gamma function.
double chi_squared_quantile(double p, double freedom);
/// P(X ≥ x) of the same X: the regularised upper incomplete gamma function Q(freedom/2, x/2).
double chi_squared_tail(double x, double freedom);

/// A mean and its two-sided interval.
struct Interval {
  double value = 0, low = 0, high = 0;
  bool contains(double x) const { return low <= x && x <= high; }
};
/// Mean of independent values, with the normal interval from their standard error.
/// Throws Error for fewer than two values.
Interval mean_interval(const std::vector<double>& values, double confidence);
/// Interval of f(means) of the columns of rows [N×C], by the delta method: the standard error of Σ_c ∂f/∂mean_c · x_c.
/// @param gradient ∂f/∂mean_c at the means [C]
Interval delta_interval(double value, const std::vector<double>& gradient, const std::vector<double>& rows,
                        double confidence);

}  // namespace pigrad::lab
