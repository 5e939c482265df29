#pragma once
#include <cmath>
#include <cstdint>

#include "../../core/op.hpp"
#include "../../core/random.hpp"

namespace pigrad::detail {

/// ½ ln 2π.
inline constexpr double half_log_two_pi = 0.91893853320467274178;

/// A choice by log-probabilities row(c), c in [0, choices): inverse of the cumulative distribution, the first choice
/// whose cumulated probability passes u·Σp, with p = e^(ln p). The sum runs again over the same terms, so rounding can
/// never leave u without a choice.
/// @param u uniform in [0, 1)
template <class T, class Row>
PIGRAD_HD inline std::int32_t sample_choice(int choices, const Row& row, T u) {
  using std::exp;
  T total = 0;
  for (int c = 0; c < choices; ++c) total += exp(row(c));
  u *= total;
  int choice = 0;
  T passed = exp(row(0));
  while (choice + 1 < choices && !(u < passed)) passed += exp(row(++choice));
  return choice;
}

/// Draws action(j) ~ N(row(j), e^{2·row(D + j)}) for j in [0, D), two by each call of `random`, and returns the
/// action's ln π, of the numbers as stored: mean + σz is rounded, and with a mean far larger than σ it is not that of
/// the normal drawn.
template <class T, class Row, class Action>
PIGRAD_HD inline T sample_normals(int dimensions, const Row& row, const Random& random, std::uint32_t stream,
                                  std::uint64_t counter, const Action& action) {
  using std::exp;
  const auto blocks = static_cast<std::uint64_t>((dimensions + 1) / 2);
  T sum = 0;
  for (int j = 0; j < dimensions; ++j) {
    const auto pair = normal_pair<T>(random(stream, counter * blocks + static_cast<std::uint64_t>(j / 2)));
    const T z = j % 2 ? pair.second : pair.first;
    const T log_std = row(dimensions + j), mean = row(j);
    const T drawn = mean + exp(log_std) * z;
    action(j) = drawn;
    const T stored_z = (drawn - mean) * exp(-log_std);
    sum += T(-0.5) * (stored_z * stored_z) - log_std - static_cast<T>(half_log_two_pi);
  }
  return sum;
}

}  // namespace pigrad::detail
