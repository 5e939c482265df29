#pragma once
#include <algorithm>
#include <memory>

#include "../core/workspace.hpp"
#include "../nn/optimiser.hpp"
#include "../nn/schedule.hpp"
#include "agent.hpp"
#include "rollout.hpp"

namespace pigrad {

/// Of `threads`, those worth waking for a pass over so many rows with so many parameters: with less than about a
/// million multiplications each, they cost more than they save (bench/results/training.txt). No bit depends on it.
inline int threads_worth_waking(int threads, int rows, int parameters) {
  constexpr double work_a_thread = 1e6;
  const double worth = static_cast<double>(rows) * parameters / work_a_thread;
  return worth < threads ? std::max(1, static_cast<int>(worth)) : threads;
}

/// How to run a pass over so many rows with so many parameters: on threads, and with the other processes, that are
/// worth it. No bit depends on it.
inline RunOptions options_worth(int threads, Group* group, int rows, int parameters) {
  const int ranks = group ? threads_worth_waking(group->size(), rows, parameters) : 1;
  RunOptions options;
  options.group = ranks > 1 ? group : nullptr;
  options.threads = threads_worth_waking(threads, options.group ? rows / group->size() : rows, parameters);
  return options;
}

/// A loss over rows of a rollout and the optimiser that lowers it in one range of an agent's parameters.
/// The loss may read the inputs "obs", "action", "log_prob" (of the policy that acted) and "weight" (Ψ or a target).
template <class T>
class Learner {
 public:
  /// @param agent outlives the learner
  Learner(Agent<T>& agent, Program loss, ParameterRange range, const OptimiserChoice& choice);

  /// Which rows the next calls see: `count` of them from order[begin], or from row `begin` if order is null.
  void bind(const Rollout<T>& rollout, const T* weight, const std::int32_t* order, int begin, int count);
  /// An input that is not the rollout's, column c of row i at data[c·ld + i], for every later bind; programs that do
  /// not read it ignore it.
  void input(const std::string& name, const T* data, std::ptrdiff_t ld = 0);
  /// From now on passes take what is left for them, which changes no bit. The rows' observations are the rollout's.
  void take_from(const Handover<T>* handover) { handover_ = handover; }
  /// How many episodes the reduction per_episode divides by.
  void divide_by(int episodes) { per_episode_ = T(1) / static_cast<T>(episodes); }
  /// The loss of those rows.
  double loss(int threads);
  /// The loss of those rows and its gradient, unclipped. Throws Error, naming the first node that is not finite and its
  /// operands.
  /// @param outputs false leaves those that the loss does not need as they were
  double differentiate(int threads, bool outputs = true);
  /// One optimiser step down the loss's gradient, clipped if the optimiser's settings ask; returns the loss before it.
  /// Throws Error, naming the first node that is not finite and its operands, before any parameter moves.
  double descend(int threads, bool outputs = true);
  /// Sets the learning rate of round `round` (a rollout) of `rounds` by the schedule.
  void begin_round(int round, int rounds);

  /// A fixed output of the last run.
  double output(const std::string& name) const { return static_cast<double>(workspace_.fixed_output(name)); }
  /// Norm of the last gradient before clipping.
  double grad_norm() const { return grad_norm_; }
  double learning_rate() const { return optimiser_->learning_rate(); }
  Optimiser<T>& optimiser() { return *optimiser_; }
  const Optimiser<T>& optimiser() const { return *optimiser_; }
  const OptimiserChoice& choice() const { return choice_; }
  const Program& program() const { return program_; }
  /// The last gradient, of the whole parameter vector; zero outside the range.
  const std::vector<T>& gradient() const { return gradient_; }

 private:
  struct Extra {
    int slot;
    const T* data;
    std::ptrdiff_t ld;
  };
  int slot(const std::string& name) const;
  RunOptions prepare(int threads);

  Agent<T>* agent_;
  const Handover<T>* handover_ = nullptr;
  Program program_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
  std::unique_ptr<Optimiser<T>> optimiser_;
  ParameterRange range_;
  OptimiserChoice choice_;
  Schedule schedule_;
  std::vector<T> gradient_;
  int rows_ = 0;
  const Rollout<T>* rollout_ = nullptr;
  const std::int32_t* order_ = nullptr;
  int begin_ = 0;
  std::vector<Extra> extras_;
  T per_episode_ = 1;
  int obs_, action_, log_prob_, weight_, divisor_;
  double grad_norm_ = 0;
};

}  // namespace pigrad
