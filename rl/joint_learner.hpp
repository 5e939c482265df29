#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../core/workspace.hpp"
#include "../nn/optimiser.hpp"
#include "../nn/schedule.hpp"
#include "agent.hpp"
#include "descent.hpp"
#include "rollout.hpp"

namespace pigrad {

/// A loss of policy and critic together (rl/joint_loss.hpp), and the optimiser of the whole parameter vector, or the
/// two of its parts, that lower it.
template <class T>
class JointLearner {
 public:
  /// What a rollout does not hold, each [rows of the rollout]; value may be null if the loss does not read it.
  struct Estimates {
    const T* advantage = nullptr;
    const T* target = nullptr;
    const T* value = nullptr;
  };

  /// @param agent outlives the learner
  /// @param separate an optimiser each for policy and critic. Throws Error if they share layers.
  JointLearner(Agent<T>& agent, Program loss, const PolicySettings& policy, const CriticSettings& critic,
               bool separate);

  /// Which rows the next calls see: `count` of them from order[begin], or from row `begin` if order is null.
  void bind(const Rollout<T>& rollout, const Estimates& estimates, const std::int32_t* order, int begin, int count);
  /// From now on passes take what is left for them, which changes no bit. The rows' observations are the rollout's.
  void take_from(const Handover<T>* handover) { handovers_.push_back(handover); }
  /// Gives a fixed [1×1] input a value; one that the loss does not read is passed over.
  void set(const std::string& input, double value);
  /// The loss of those rows and its gradient. Throws Error, naming the first node that is not finite and its operands,
  /// before any parameter moves.
  double differentiate(int threads);
  /// One step down that gradient, its global norm clipped if the optimiser's settings ask.
  /// @param policy_too false: of the critic's own optimiser only
  void step(bool policy_too = true);
  /// Sets the learning rates of round `round` (a rollout) of `rounds` by their schedules.
  void begin_round(int round, int rounds);

  /// The loss has a fixed output of that name.
  bool has_output(const std::string& name) const;
  /// A fixed output of the last run.
  double output(const std::string& name) const { return static_cast<double>(workspace_.fixed_output(name)); }
  /// Norm of the last gradient over the policy's optimiser's range, before clipping; the same of the critic's.
  double grad_norm() const { return parts_.front().norm; }
  double critic_grad_norm() const { return parts_.back().norm; }
  double learning_rate() const { return parts_.front().optimiser->learning_rate(); }
  const Program& program() const { return program_; }
  /// Its optimisers by their names in checkpoints.
  std::vector<Mover<T>> movers() const {
    std::vector<Mover<T>> all;
    for (const Part& part : parts_)
      all.push_back({all.empty() ? "policy_optimiser" : "critic_optimiser", part.optimiser.get(), part.choice});
    return all;
  }
  /// The last gradient, of the whole parameter vector.
  const std::vector<T>& gradient() const { return gradient_; }
  Optimiser<T>& policy_optimiser() { return *parts_.front().optimiser; }
  /// Null if there is one optimiser.
  Optimiser<T>* critic_optimiser() { return parts_.size() > 1 ? parts_.back().optimiser.get() : nullptr; }

 private:
  struct Part {
    ParameterRange range;
    OptimiserChoice choice;
    Schedule schedule;
    std::unique_ptr<Optimiser<T>> optimiser;
    double norm = 0;
  };
  void add(ParameterRange range, const OptimiserChoice& choice);
  int slot(const std::string& name) const;

  Agent<T>* agent_;
  Program program_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
  std::vector<const Handover<T>*> handovers_;
  std::vector<Part> parts_;
  std::vector<T> gradient_, fixed_;  ///< fixed_[slot] is a fixed input's value
  int rows_ = 0;
  const Rollout<T>* rollout_ = nullptr;
  const std::int32_t* order_ = nullptr;
  int begin_ = 0;
  int obs_, action_, log_prob_, weight_, target_, value_;
};

}  // namespace pigrad
