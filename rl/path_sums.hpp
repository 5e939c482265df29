#pragma once
#include <cmath>

#include "returns.hpp"

/// The estimators of returns.hpp over copies [begin, end), whose paths do not touch those of any other: the CPU's loops
/// take all copies, a GPU's thread takes one.
namespace pigrad::detail {

template <class T>
PIGRAD_HD inline void return_to_go(const Path<T>& path, int begin, int end, T gamma, const T* next_value, T* out) {
  for (int t = path.steps - 1; t >= 0; --t)
    for (int e = begin; e < end; ++e) {
      const int row = t * path.copies + e;
      const T after = path.cut(t, e) ? (next_value ? next_value[row] : T(0)) : out[row + path.copies];
      out[row] = path.reward[row] + gamma * after;
    }
}

template <class T>
PIGRAD_HD inline void total_return(const Path<T>& path, int begin, int end, T gamma, const T* next_value, T* out) {
  return_to_go(path, begin, end, gamma, next_value, out);
  for (int t = 1; t < path.steps; ++t)
    for (int e = begin; e < end; ++e)
      if (!path.cut(t - 1, e)) out[t * path.copies + e] = out[(t - 1) * path.copies + e];
}

template <class T>
PIGRAD_HD inline void td_error(const Path<T>& path, int begin, int end, T gamma, const T* value, const T* next_value,
                               T* out) {
  for (int t = 0; t < path.steps; ++t)
    for (int e = begin; e < end; ++e) {
      const int row = t * path.copies + e;
      out[row] = path.reward[row] + gamma * next_value[row] - value[row];
    }
}

template <class T>
PIGRAD_HD inline void n_step_return(const Path<T>& path, int begin, int end, T gamma, int n, const T* next_value,
                                    T* out) {
  for (int t = 0; t < path.steps; ++t)
    for (int e = begin; e < end; ++e) {
      T sum = 0, weight = 1;
      int k = t;
      while (k < t + n - 1 && !path.cut(k, e)) {
        sum += weight * path.reward[k * path.copies + e];
        weight *= gamma;
        ++k;
      }
      const int last = k * path.copies + e;
      out[t * path.copies + e] = sum + weight * (path.reward[last] + gamma * next_value[last]);
    }
}

template <class T>
PIGRAD_HD inline void gae(const Path<T>& path, int begin, int end, T gamma, T lambda, const T* value,
                          const T* next_value, T* out, bool across_ends) {
  for (int t = path.steps - 1; t >= 0; --t)
    for (int e = begin; e < end; ++e) {
      const int row = t * path.copies + e;
      const T delta = path.reward[row] + gamma * next_value[row] - value[row];
      const bool stops = across_ends ? t + 1 == path.steps : path.cut(t, e);
      out[row] = delta + gamma * lambda * (stops ? T(0) : out[row + path.copies]);
    }
}

template <class T>
PIGRAD_HD inline void discount_weight(const Path<T>& path, int begin, int end, T gamma, const int* first_step, T* out) {
  using std::pow;
  for (int e = begin; e < end; ++e) {
    T weight = first_step ? pow(gamma, static_cast<T>(first_step[e])) : T(1);
    for (int t = 0; t < path.steps; ++t) {
      out[t * path.copies + e] = weight;
      weight = path.cut(t, e) ? T(1) : weight * gamma;
    }
  }
}

}  // namespace pigrad::detail
