#pragma once
#include <string>
#include <vector>

namespace pigrad {

/// The set that an observation or an action belongs to: a box of reals, or the integers 0 … n−1.
struct Space {
  enum class Kind { box, discrete };

  Kind kind = Kind::box;
  int n = 0;                ///< discrete: how many values
  std::vector<double> low;  ///< box: the least value of each feature, −inf where unbounded
  std::vector<double> high;

  /// `size` features with the same bounds. Throws Error if size < 1 or low > high.
  static Space box(int size, double low, double high);
  /// One bound a feature. Throws Error if the lengths differ, are 0, or some low > high.
  static Space box(std::vector<double> low, std::vector<double> high);
  /// The integers 0 … n−1. Throws Error if n < 1.
  static Space discrete(int n);

  bool is_box() const { return kind == Kind::box; }
  bool is_discrete() const { return kind == Kind::discrete; }
  /// Rows of a panel that holds one element a copy: a box's features, 1 for discrete.
  int size() const { return is_box() ? static_cast<int>(low.size()) : 1; }
  /// "box[4] from [-4.8, -inf, …] to […]" or "discrete(2)".
  std::string describe() const;
};

}  // namespace pigrad
