#pragma once
#include <string>
#include <vector>

#include "../rl/on_policy.hpp"
#include "noise.hpp"

namespace pigrad {

/// A number of the parameter vector by its place, "policy.0.weight [3,1]".
struct ParameterEntry {
  std::string name;
  double value = 0;
};

/// What a step does to the policy at one state: each of the distribution's numbers before the step, after it to first
/// order, and after it.
struct PolicyChange {
  int row = 0;
  std::vector<double> before, first_order, after;
};

/// One timestep's part in the policy gradient, opened.
struct StepView {
  std::vector<double> observation;  ///< as the networks see it
  std::vector<double> outputs;      ///< the network's: logits, or means
  std::vector<double> policy;       ///< probabilities, or means and deviations: `policy_names`
  std::vector<std::string> policy_names;
  std::vector<double> action;  ///< the choice, or its dimensions
  double log_prob = 0, reward = 0, return_to_go = 0, advantage = 0;
  double value = 0, next_value = 0;  ///< NaN without a critic of states
  double weight = 0;          ///< Ψ that multiplies the score: the advantage, normalised over the episode if asked
  std::vector<double> score;  ///< ∇ ln π(a|s) [P]
  std::vector<ParameterEntry> layers;   ///< ‖score‖ by layer
  double norm = 0;                      ///< ‖score‖
  std::vector<ParameterEntry> largest;  ///< the score's largest entries by size
  std::vector<PolicyChange> changes;    ///< this state's first, then those asked for
  double first_order_log_prob = 0;      ///< of this action: Ψ·rate·‖score‖² added
  double stepped_log_prob = 0;          ///< of this action after the step
};

/// Opens timesteps of an episode. The step that it tries is plain ascent along one sample, θ ← θ + rate·Ψ_t ∇ln
/// π(a_t|s_t), and is taken back.
class Microscope {
 public:
  /// @param subject whose parameters are as they were after every call; rollout one episode with its log_prob found
  Microscope(OnPolicy<double>& subject, const State& state, const Rollout<double>& rollout);

  /// @param row the timestep; others: rows of states to see the step's effect at; entries: how many largest ones
  /// Throws Error for a row outside the episode.
  StepView look(int row, double rate, const std::vector<int>& others, int entries = 8);
  /// The program ln π(a|s), for tables and graphs of the tape.
  const Program& program() const { return program_; }
  /// Binds one row of the episode to that program.
  Bindings<double> bind(int row) const;

 private:
  std::vector<double> policy_at(std::vector<double>* log_prob);
  std::vector<double> slopes(const std::vector<double>& direction);

  OnPolicy<double>* subject_;
  const Rollout<double>* rollout_;
  Estimates<double> estimates_;
  std::vector<double> psi_, ones_;
  Program program_;
};

}  // namespace pigrad
