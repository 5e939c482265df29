#pragma once
#include <memory>
#include <vector>

#include "agent.hpp"
#include "rollout.hpp"

namespace pigrad {

/// V, and Q where the critic is of actions, of every observation that a rollout needs, by one batched forward pass
/// each.
template <class T>
class Critic {
 public:
  explicit Critic(const Agent<T>& agent);

  /// Null for Q(s, a) of continuous actions: there is no V then.
  bool has_value() const { return states_ != nullptr; }
  /// V(s) of `rows` observations: feature f of row r at obs[f·ld + i], i = order ? order[r] : r, and t/limit at
  /// time[i], which a critic without critic.time does not read.
  void value(int rows, const T* obs, std::ptrdiff_t ld, const std::int32_t* order, int threads, T* out,
             const T* time = nullptr);
  /// The same of a rollout's rows, which leaves what it finds in the networks to a loss; null: to none.
  void value(const Rollout<T>& rollout, int threads, T* out, const T* time, Handover<T>* handover);
  /// Q(s, a) of every row of a rollout.
  void action_value(const Rollout<T>& rollout, int threads, T* out, const T* time = nullptr);

  /// From now on values are output·deviation + mean (critic.scale).
  void rescale(double mean, double deviation) { mean_ = mean, deviation_ = deviation; }
  double mean() const { return mean_; }
  double deviation() const { return deviation_; }

 private:
  struct Pass {
    explicit Pass(const Program& program) : workspace(program), bindings(program) {}
    Workspace<T> workspace;
    Bindings<T> bindings;
  };
  void run(Pass& pass, int rows, const T* obs, std::ptrdiff_t ld, const std::int32_t* order, const T* time, int threads,
           T* out);

  const Agent<T>* agent_;
  std::unique_ptr<Pass> states_, actions_;
  double mean_ = 0, deviation_ = 1;
};

/// Where the value after a row comes from.
enum class After { zero, reward, next_row, next_obs, final_obs };

/// BoundarySettings without words.
struct BoundaryRule {
  enum class Edge { bootstrap, last_reward, drop };
  Edge edge = Edge::bootstrap;
  bool edge_over_end = false, bootstrap_truncated = true;

  explicit BoundaryRule(const BoundarySettings& settings);
  /// @param ended the row's episode ended with it
  /// @param last the rollout's last row of its copy
  PIGRAD_HD After after(bool ended, bool terminated, bool last) const {
    if (last && (!ended || edge_over_end)) {
      if (edge == Edge::last_reward) return After::reward;
      if (edge == Edge::bootstrap) return ended ? After::final_obs : After::next_obs;
      if (!ended) return After::zero;
    }
    if (!ended) return After::next_row;
    return !terminated && bootstrap_truncated ? After::final_obs : After::zero;
  }
};

template <class T>
After after(const Rollout<T>& rollout, const BoundaryRule& rule, int row);

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
/// @param time_after [rows] t/limit of the observation after each row, for a critic that sees it
template <class T>
void next_values(const Rollout<T>& rollout, const BoundarySettings& boundary, Critic<T>* critic, const T* value,
                 int threads, std::vector<T>& out, const T* time_after = nullptr);

/// Rows that take part in losses: valid ones, without unfinished last paths where boundary.edge is drop.
template <class T>
void learning_rows(const Rollout<T>& rollout, const BoundarySettings& boundary, std::vector<std::int32_t>& rows);

}  // namespace pigrad
