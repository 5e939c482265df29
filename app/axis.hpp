#pragma once
#include <string>
#include <vector>

namespace pigrad::app {

/// An axis with round marks: 1, 2 or 5 times a power of ten apart.
struct Axis {
  double low = 0, high = 1, step = 1;

  /// Covers [low, high] with about `marks` marks. `tight` keeps the ends, or else they become marks themselves.
  static Axis cover(double low, double high, int marks, bool tight);
  /// The marks within the axis.
  std::vector<double> marks() const;
  /// A mark's text: 0, 0.05, 250, 12k, 1.5M, 1e-09.
  std::string label(double mark) const;
  /// Where x lies on the axis: 0 at low, 1 at high.
  double share(double x) const { return (x - low) / (high - low); }
};

}  // namespace pigrad::app
