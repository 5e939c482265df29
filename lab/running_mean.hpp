#pragma once
#include <cmath>
#include <limits>

namespace pigrad {

/// Mean of the finite values since it was last taken; NaN of none.
struct RunningMean {
  double sum = 0;
  int count = 0;

  void add(double x) {
    if (std::isfinite(x)) sum += x, ++count;
  }
  double take() {
    const double mean = count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
    *this = {};
    return mean;
  }
};

}  // namespace pigrad
