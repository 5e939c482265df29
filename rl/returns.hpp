#pragma once
#include <cstdint>

#include "../core/macros.hpp"

namespace pigrad {

/// The parts of a rollout that estimators read: row t·E + e, all arrays [T×E].
/// A path is cut after a row that is terminated, truncated, masked out (a reset row) or the rollout's last of its copy
/// (edge): no sum runs across.
template <class T>
struct Path {
  int steps = 0, copies = 0;
  const T* reward = nullptr;
  const std::uint8_t* terminated = nullptr;
  const std::uint8_t* truncated = nullptr;
  const std::uint8_t* valid = nullptr;  ///< null: every row

  PIGRAD_HD bool cut(int t, int e) const {
    const int row = t * copies + e;
    return t + 1 == steps || terminated[row] != 0 || truncated[row] != 0 || (valid && valid[row] == 0);
  }
};

/// Return-to-go G_t = r_t + γ·(cut ? V'_t : G_{t+1}). With γ = 1 and no V', the reward-to-go Σ r.
/// Sutton and Barto 2018, eq. 3.9. next_value [T×E] is V', 0 at the MDP's end; null means 0 at every cut.
template <class T>
void return_to_go(const Path<T>& path, T gamma, const T* next_value, T* out);

/// Each row gets the whole return of its path, Σ_k γᵏ r_k from the path's first row, V' included as in return_to_go.
template <class T>
void total_return(const Path<T>& path, T gamma, const T* next_value, T* out);

/// δ_t = r_t + γ V'_t − V_t. Sutton and Barto 2018, eq. 6.5. value and next_value [T×E].
template <class T>
void td_error(const Path<T>& path, T gamma, const T* value, const T* next_value, T* out);

/// n-step return: G_t = Σ_{k<n} γᵏ r_{t+k} + γⁿ V'_{t+n−1}, shorter where the path is cut before.
/// Sutton and Barto 2018, eq. 7.1.
template <class T>
void n_step_return(const Path<T>& path, T gamma, int n, const T* next_value, T* out);

/// Generalised advantage Â_t = δ_t + γλ·(cut ? 0 : Â_{t+1}). Schulman et al. 2016, eq. 16. λ = 0 is δ, λ = 1 is
/// return-to-go − V.
/// With `across_ends` the sum stops at the rollout's last step only, as one source has it.
template <class T>
void gae(const Path<T>& path, T gamma, T lambda, const T* value, const T* next_value, T* out, bool across_ends = false);

/// γᵗ of each row, t counted from its path's start or, for the copy's first path, from `first_step` [E] (null: 0).
template <class T>
void discount_weight(const Path<T>& path, T gamma, const int* first_step, T* out);

/// Mean and standard deviation of chosen rows, in two passes in double. Equal values have deviation 0 exactly.
struct Moments {
  double mean = 0, deviation = 0;
};
/// @param rows indices into values, or null for 0 … count−1
/// @param sample divide by count − 1 (PyTorch's default) instead of count (NumPy's)
/// Throws Error for count < 1, or < 2 with `sample`.
template <class T>
Moments moments(const T* values, const std::int32_t* rows, int count, bool sample);

/// x ← (x − mean)/(deviation + ε) over the chosen rows. Throws Error, having changed
/// nothing, if a value is not finite, or with ε = 0 if all are equal, as 0/0 would follow.
template <class T>
void standardise(T* values, const std::int32_t* rows, int count, double epsilon, bool sample);

/// 1 − Var(R̂ − V)/Var(R̂) over the chosen rows; NaN where the targets are all equal.
template <class T>
double explained_variance(const T* target, const T* value, const std::int32_t* rows, int count);

}  // namespace pigrad
