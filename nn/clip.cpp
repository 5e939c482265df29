#include "clip.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pigrad {
namespace {

/// Σ(g·scale)² in eight interleaved sums, joined as a tree: SIMD without changing the order.
template <class T>
double sum_of_squares(const T* g, int size, double scale) {
  double lane[8] = {};
  int i = 0;
  for (; i + 8 <= size; i += 8)
    for (int k = 0; k < 8; ++k) {
      const double x = static_cast<double>(g[i + k]) * scale;
      lane[k] += x * x;
    }
  for (int k = 0; i < size; ++i, ++k) {
    const double x = static_cast<double>(g[i]) * scale;
    lane[k] += x * x;
  }
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace

template <class T>
double global_norm(const T* gradient, ParameterRange range) {
  if (range.begin < 0 || range.end < range.begin)
    throw Error("global_norm", "the range is [" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ")",
                "give one that begins at 0 or later and ends no earlier");
  const T* g = gradient + range.begin;
  const double sum = sum_of_squares(g, range.size(), 1);
  const double smallest = 1e-280, largest = std::numeric_limits<double>::max();
  if (std::isnan(sum) || (sum >= smallest && sum <= largest)) return std::sqrt(sum);
  double most = 0;
  for (int i = 0; i < range.size(); ++i) most = std::max(most, std::abs(static_cast<double>(g[i])));
  if (most == 0 || most > largest) return most;
  const int exponent = std::ilogb(most);
  const double half = std::ldexp(1.0, -exponent / 2), rest = std::ldexp(1.0, -(exponent - exponent / 2));
  double scaled = 0;
  for (int i = 0; i < range.size(); ++i) {
    const double x = static_cast<double>(g[i]) * half * rest;
    scaled += x * x;
  }
  return std::ldexp(std::sqrt(scaled), exponent);
}

template <class T>
Clipped clip_known_norm(T* gradient, ParameterRange range, double norm, double max_norm, double epsilon) {
  require(max_norm > 0, "clip", "the greatest norm is not above 0", "give a number above 0, or leave clipping out");
  require(epsilon >= 0 && std::isfinite(epsilon), "clip", "epsilon is not a finite number ≥ 0", "give 1e-6 or 0");
  Clipped result;
  result.norm = norm;
  result.finite = std::isfinite(norm);
  if (!result.finite) return result;
  if (norm + epsilon > max_norm) result.coefficient = std::min(1.0, max_norm / (norm + epsilon));
  if (result.coefficient == 1) return result;
  const T factor = static_cast<T>(result.coefficient);
  for (int i = range.begin; i < range.end; ++i) gradient[i] *= factor;
  return result;
}

template <class T>
Clipped clip_by_global_norm(T* gradient, ParameterRange range, double max_norm, double epsilon) {
  return clip_known_norm(gradient, range, global_norm(gradient, range), max_norm, epsilon);
}

template double global_norm(const float*, ParameterRange);
template double global_norm(const double*, ParameterRange);
template Clipped clip_by_global_norm(float*, ParameterRange, double, double);
template Clipped clip_by_global_norm(double*, ParameterRange, double, double);
template Clipped clip_known_norm(float*, ParameterRange, double, double, double);
template Clipped clip_known_norm(double*, ParameterRange, double, double, double);

}  // namespace pigrad
