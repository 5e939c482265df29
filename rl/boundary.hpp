#pragma once
#include <vector>

#include "agent.hpp"
#include "rollout.hpp"

namespace pigrad {

/// V of every observation that a rollout needs, by one batched forward pass each.
template <class T>
class Critic {
 public:
  explicit Critic(const Agent<T>& agent);

  /// V(s) of `rows` observations: feature f of row r at obs[f·ld + (order ? order[r] : r)].
  void value(int rows, const T* obs, std::ptrdiff_t ld, const std::int32_t* order, int threads, T* out);

 private:
  const Agent<T>* agent_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
};

/// V'ₜ, the value after step t, where a path is cut or goes on:
///
/// | row | V' |
/// |---|---|
/// | terminated | 0 |
/// | truncated | V(final observation), or 0 with boundary.truncation = terminate |
/// | edge | V(next observation), or the last reward with boundary.edge = last_reward, or 0 with drop |
/// | any other | V of the next row's observation |
///
/// With edge_over_end the edge's rule replaces the first two on the last row, V(final observation) standing for
/// V(next); drop has no such form.
/// @param critic null where there is none: V is then 0 everywhere but for last_reward
/// @param value [rows] V(s) of every row, or null without a critic
/// @param out [rows]
template <class T>
void next_values(const Rollout<T>& rollout, const BoundarySettings& boundary, Critic<T>* critic, const T* value,
                 int threads, std::vector<T>& out);

/// Rows that take part in losses: valid ones, without unfinished last paths where boundary.edge is drop.
template <class T>
void learning_rows(const Rollout<T>& rollout, const BoundarySettings& boundary, std::vector<std::int32_t>& rows);

}  // namespace pigrad
