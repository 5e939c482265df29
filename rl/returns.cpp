#include "returns.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "../core/error.hpp"
#include "path_sums.hpp"

namespace pigrad {

template <class T>
void return_to_go(const Path<T>& path, T gamma, const T* next_value, T* out) {
  detail::return_to_go(path, 0, path.copies, gamma, next_value, out);
}

template <class T>
void total_return(const Path<T>& path, T gamma, const T* next_value, T* out) {
  detail::total_return(path, 0, path.copies, gamma, next_value, out);
}

template <class T>
void td_error(const Path<T>& path, T gamma, const T* value, const T* next_value, T* out) {
  detail::td_error(path, 0, path.copies, gamma, value, next_value, out);
}

template <class T>
void n_step_return(const Path<T>& path, T gamma, int n, const T* next_value, T* out) {
  if (n < 1) throw Error("n_step_return", "n is " + std::to_string(n), "give at least 1 step");
  detail::n_step_return(path, 0, path.copies, gamma, n, next_value, out);
}

template <class T>
void gae(const Path<T>& path, T gamma, T lambda, const T* value, const T* next_value, T* out, bool across_ends) {
  detail::gae(path, 0, path.copies, gamma, lambda, value, next_value, out, across_ends);
}

template <class T>
void discount_weight(const Path<T>& path, T gamma, const int* first_step, T* out) {
  detail::discount_weight(path, 0, path.copies, gamma, first_step, out);
}

template <class T>
Moments moments(const T* values, const std::int32_t* rows, int count, bool sample) {
  if (count < (sample ? 2 : 1))
    throw Error("standardise", std::to_string(count) + " values have no deviation",
                sample ? "give at least 2, or use the population's deviation" : "give at least 1");
  const auto at = [&](int i) { return static_cast<double>(values[rows ? rows[i] : i]); };
  double sum = 0, squares = 0;
  const double first = at(0);
  for (int i = 0; i < count; ++i) sum += at(i) - first;
  const double mean = first + sum / count;
  for (int i = 0; i < count; ++i) squares += (at(i) - mean) * (at(i) - mean);
  return {mean, std::sqrt(squares / (sample ? count - 1 : count))};
}

template <class T>
void standardise(T* values, const std::int32_t* rows, int count, double epsilon, bool sample) {
  const Moments m = moments(values, rows, count, sample);
  if (!std::isfinite(m.deviation))
    throw Error("standardise", "a value is not finite", "look for it in rewards, observations and the critic's values");
  if (!(m.deviation + epsilon > 0))
    throw Error("standardise", "all " + std::to_string(count) + " values are equal and ε is 0",
                "set advantage.epsilon above 0, or collect more rows");
  for (int i = 0; i < count; ++i) {
    T& x = values[rows ? rows[i] : i];
    x = static_cast<T>((static_cast<double>(x) - m.mean) / (m.deviation + epsilon));
  }
}

template <class T>
double explained_variance(const T* target, const T* value, const std::int32_t* rows, int count) {
  const double whole = moments(target, rows, count, false).deviation;
  double sum = 0, squares = 0;
  const auto error = [&](int i) {
    const int row = rows ? rows[i] : i;
    return static_cast<double>(target[row]) - static_cast<double>(value[row]);
  };
  for (int i = 0; i < count; ++i) sum += error(i);
  const double mean = sum / count;
  for (int i = 0; i < count; ++i) squares += (error(i) - mean) * (error(i) - mean);
  if (!(whole > 0)) return std::numeric_limits<double>::quiet_NaN();
  return 1 - squares / count / (whole * whole);
}

#define PIGRAD_INSTANTIATE(T)                                            \
  template void return_to_go(const Path<T>&, T, const T*, T*);           \
  template void total_return(const Path<T>&, T, const T*, T*);           \
  template void td_error(const Path<T>&, T, const T*, const T*, T*);     \
  template void n_step_return(const Path<T>&, T, int, const T*, T*);     \
  template void gae(const Path<T>&, T, T, const T*, const T*, T*, bool); \
  template void discount_weight(const Path<T>&, T, const int*, T*);      \
  template Moments moments(const T*, const std::int32_t*, int, bool);    \
  template void standardise(T*, const std::int32_t*, int, double, bool); \
  template double explained_variance(const T*, const T*, const std::int32_t*, int)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
