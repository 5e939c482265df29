#pragma once
#include <memory>
#include <vector>

#include "advantage.hpp"
#include "boundary.hpp"
#include "state.hpp"

namespace pigrad {

/// What learning needs of a rollout besides its data, by the settings: which rows learn, V, V', Q, returns-to-go and Ψ.
/// All arrays are [rows]. Each call uses the critic as it is at that moment.
template <class T>
class Estimates {
 public:
  /// @param settings and agent outlive this
  Estimates(const TrainSettings& settings, const Agent<T>& agent);

  /// Looks at a new rollout, which outlives the calls that follow. Throws Error if no row of it learns.
  void begin(const Rollout<T>& rollout);
  /// V, V' and the returns-to-go. With critic.scale the returns give the new scale, by which V is found again; what
  /// stands for V after a cut keeps the scale that the network was last fitted to. Returns that are all but equal leave
  /// the deviation as it was.
  void find_returns(int threads);
  /// Ψ, normalised over the learning rows if the settings and `normalise` ask; `refresh` finds V and V' anew first.
  void find_advantages(int threads, bool refresh, bool normalise = true);
  /// R_t = Â_t + V_t with Â the generalised advantage, whatever Ψ is: what a joint loss fits V to. After find_returns.
  void find_lambda_returns(std::vector<T>& out) const;

  const Rollout<T>& rollout() const { return *rollout_; }
  Path<T> path() const;
  const std::vector<T>& value() const { return value_; }
  const std::vector<T>& next_value() const { return next_value_; }
  const std::vector<T>& action_value() const { return action_value_; }
  const std::vector<T>& returns() const { return returns_; }
  const std::vector<T>& advantages() const { return advantage_; }
  /// t/limit of each row's observation and of the one after it; empty without critic.time.
  const std::vector<T>& time() const { return time_; }
  const std::vector<T>& time_after() const { return time_after_; }

  /// Rows in losses: the i-th is order[i], or i itself where order is null.
  const std::int32_t* order() const { return rows_are_all_ ? nullptr : rows_.data(); }
  const std::vector<std::int32_t>& rows() const { return rows_; }
  int learning_rows() const { return static_cast<int>(rows_.size()); }
  /// Episodes, or parts of one, among the learning rows.
  int paths() const { return paths_; }
  /// See source_figure; NaN where no episode ended.
  double score() const { return score_; }
  double avg_return() const { return avg_return_; }

  /// From now on what V of a rollout's rows finds in the critic is left for a loss.
  /// @param handover from Agent::valuing(), outlives this
  void hand_over(Handover<T>* handover) { handover_ = handover; }
  const Critic<T>* critic() const { return critic_.get(); }
  void save(State& state) const;
  void load(const State& state);

 private:
  void find_time();
  void find_values(int threads);
  AdvantageInput<T> input() const;

  const TrainSettings* settings_;
  const Agent<T>* agent_;
  const Rollout<T>* rollout_ = nullptr;
  std::unique_ptr<Critic<T>> critic_;
  Handover<T>* handover_ = nullptr;
  std::vector<T> value_, next_value_, action_value_, returns_, advantage_, time_, time_after_;
  std::vector<T> edge_value_;  ///< [copies] V' of episodes that go on beyond the edge, before the critic's fit
  std::vector<std::int32_t> rows_;
  bool rows_are_all_ = true;
  int paths_ = 0;
  double score_ = 0, avg_return_ = 0;
};

}  // namespace pigrad
