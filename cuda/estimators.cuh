#pragma once
#include <string>

#include "../rl/path_sums.hpp"
#include "estimates.hpp"

/// What DeviceEstimates launches: a thread a row, or a path.
namespace pigrad::detail {

enum class Psi { total_return, reward_to_go, return_to_go, td_error, n_step, gae };

inline Psi psi_of(const std::string& name) {
  if (name == "total_return") return Psi::total_return;
  if (name == "reward_to_go") return Psi::reward_to_go;
  if (name == "return_to_go") return Psi::return_to_go;
  if (name == "td_error") return Psi::td_error;
  if (name == "n_step") return Psi::n_step;
  if (name == "gae") return Psi::gae;
  throw Error("advantage.estimator", name + " has no form for the GPU", "use --device cpu, or another estimator");
}

/// V' of every row (next_values).
template <class T>
struct NextValue {
  BoundaryRule rule;
  int rows, copies;
  const std::uint8_t *terminated, *truncated;
  const std::int32_t* final_slot;
  const T *reward, *value, *edge_value, *final_value;  ///< values null without a critic
  T* out;

  PIGRAD_HD void operator()(long long i) const {
    const int row = static_cast<int>(i);
    const bool last = row >= rows - copies, ended = terminated[row] || truncated[row];
    switch (rule.after(ended, terminated[row] != 0, last)) {
      case After::zero:
        out[row] = 0;
        break;
      case After::reward:
        out[row] = reward[row];
        break;
      case After::next_row:
        out[row] = value ? value[row + copies] : T(0);
        break;
      case After::next_obs:
        out[row] = value ? edge_value[row - (rows - copies)] : T(0);
        break;
      case After::final_obs:
        out[row] = value ? final_value[final_slot[row]] : T(0);
        break;
    }
  }
};

template <class T>
struct ReturnOfPath {
  Paths<T> paths;
  T gamma;
  const T* next_value;
  T* out;
  PIGRAD_HD void operator()(long long i) const {
    const auto p = paths[i];
    return_to_go(p.path, p.copy, p.copy + 1, gamma, next_value + p.first, out + p.first);
  }
};

template <class T>
struct NStepReturnOfPath {
  Paths<T> paths;
  T gamma;
  int n;
  const T* next_value;
  T* out;
  PIGRAD_HD void operator()(long long i) const {
    const auto p = paths[i];
    n_step_return(p.path, p.copy, p.copy + 1, gamma, n, next_value + p.first, out + p.first);
  }
};

/// Ψ of a path's rows, its baseline taken off, weighted by γᵗ (estimate_advantage).
template <class T>
struct AdvantageOfPath {
  Psi psi;
  Paths<T> paths;
  T gamma, lambda;
  int n;
  bool across_ends, baseline, discount_time;
  const T *values, *next_values;
  T *advantages, *weights;

  PIGRAD_HD void operator()(long long i) const {
    const auto p = paths[i];
    const Path<T>& path = p.path;
    const int e = p.copy, end = e + 1;
    const T *value = values ? values + p.first : nullptr, *next_value = next_values + p.first;
    T *out = advantages + p.first, *weight = weights + p.first;
    switch (psi) {
      case Psi::total_return:
        total_return(path, e, end, gamma, next_value, out);
        break;
      case Psi::reward_to_go:
        return_to_go(path, e, end, T(1), next_value, out);
        break;
      case Psi::return_to_go:
        return_to_go(path, e, end, gamma, next_value, out);
        break;
      case Psi::td_error:
        td_error(path, e, end, gamma, value, next_value, out);
        break;
      case Psi::n_step:
        n_step_return(path, e, end, gamma, n, next_value, out);
        break;
      case Psi::gae:
        gae(path, e, end, gamma, lambda, value, next_value, out, across_ends);
        break;
    }
    if (discount_time) discount_weight(path, e, end, gamma, p.first_step, weight);
    for (int t = 0; t < path.steps; ++t) {
      const int row = t * path.copies + e;
      if (baseline) out[row] -= value[row];
      if (discount_time) out[row] *= weight[row];
    }
  }
};

template <class T>
struct LambdaReturnOfPath {
  Paths<T> paths;
  T gamma, lambda;
  const T *values, *next_values;
  T* returns;
  PIGRAD_HD void operator()(long long i) const {
    const auto p = paths[i];
    const T* value = values + p.first;
    T* out = returns + p.first;
    gae(p.path, p.copy, p.copy + 1, gamma, lambda, value, next_values + p.first, out, false);
    for (int t = 0; t < p.path.steps; ++t) {
      const int row = t * p.path.copies + p.copy;
      out[row] += value[row];
    }
  }
};

/// t/limit of each row's observation, and of that after it.
template <class T>
struct TimeOfPath {
  Paths<T> paths;
  T limit;
  T *time, *after;
  PIGRAD_HD void operator()(long long i) const {
    const auto p = paths[i];
    int now = p.first_step ? p.first_step[p.copy] : 0;
    for (int t = 0; t < p.path.steps; ++t) {
      const std::ptrdiff_t row = p.first + t * p.path.copies + p.copy;
      time[row] = static_cast<T>(now) / limit;
      after[row] = static_cast<T>(now + 1) / limit;
      now = p.path.cut(t, p.copy) ? 0 : now + 1;
    }
  }
};

template <class T>
struct TimeOfEnd {
  const std::int32_t* final_slot;
  const T* after;
  T* time;
  PIGRAD_HD void operator()(long long row) const {
    if (final_slot[row] >= 0) time[final_slot[row]] = after[row];
  }
};

/// 1 where a path is cut after the row.
template <class T>
struct Cut {
  Path<T> path;
  PIGRAD_HD double operator()(int, int row) const { return path.cut(row / path.copies, row % path.copies) ? 1 : 0; }
};
template <class T>
struct StoreInverse {
  T* out;
  PIGRAD_HD void operator()(int, double sum) const { *out = T(1) / static_cast<T>(sum); }
};

/// A row's target as partial + factor·V(boot): see CriticFit.
template <class T>
struct MovingTarget {
  BoundaryRule rule;
  Path<T> path;
  T gamma;
  int n, features;
  const T *obs, *edge_obs, *final_obs, *time_after;
  std::ptrdiff_t final_ld;
  const std::int32_t* final_slot;
  T *partial, *factor, *boot_obs, *boot_time;

  PIGRAD_HD void operator()(long long i) const {
    const int row = static_cast<int>(i), copies = path.copies;
    const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(path.steps) * copies;
    int last = row;
    T sum = 0, weight = 1;
    for (int k = 1;; ++k) {
      sum += weight * path.reward[last];
      weight *= gamma;
      if (k == n || path.cut(last / copies, last % copies)) break;
      last += copies;
    }
    const bool terminated = path.terminated[last] != 0, at_edge = last + copies >= rows;
    const After from = rule.after(terminated || path.truncated[last] != 0, terminated, at_edge);
    const bool boots = from != After::zero && from != After::reward;
    partial[row] = from == After::reward ? sum + weight * path.reward[last] : sum;
    factor[row] = boots ? weight : T(0);
    boot_time[row] = boots && time_after ? time_after[last] : T(0);
    const T* panel = from == After::next_row ? obs : from == After::next_obs ? edge_obs : final_obs;
    const std::ptrdiff_t ld = from == After::next_row ? rows : from == After::next_obs ? copies : final_ld;
    const std::ptrdiff_t column = from == After::next_row   ? last + copies
                                  : from == After::next_obs ? last % copies
                                                            : final_slot[last];
    for (int f = 0; f < features; ++f) boot_obs[f * rows + row] = boots ? panel[f * ld + column] : T(0);
  }
};

}  // namespace pigrad::detail
