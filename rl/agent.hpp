#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../core/workspace.hpp"
#include "../env/spec.hpp"
#include "handover.hpp"
#include "normaliser.hpp"
#include "settings.hpp"

namespace pigrad {

/// A policy and, if asked, a critic over one parameter vector: the policy's segments first, then the critic's.
template <class T>
class Agent {
 public:
  /// Throws Error where the policy's distribution cannot serve the action space, by name.
  Agent(const Spec& spec, const PolicySettings& policy, const CriticSettings* critic, std::uint64_t seed);

  const Spec& spec() const { return spec_; }
  const ParameterLayout& layout() const { return layout_; }
  Parameters<T>& parameters() { return *parameters_; }
  const Parameters<T>& parameters() const { return *parameters_; }
  const Distribution& distribution() const { return *distribution_; }
  /// From now on observations are normalised for the networks. What they are given must have gone through it.
  void normalise(const ObservationSettings& settings) { normaliser_.emplace(observation_size(), settings); }
  /// Null where the networks see observations as they are.
  ObservationNormaliser* normaliser() { return normaliser_ ? &*normaliser_ : nullptr; }
  const ObservationNormaliser* normaliser() const { return normaliser_ ? &*normaliser_ : nullptr; }
  /// From now on learners and critics of this agent share their runs with other processes. Null: no longer.
  void share(Group* group) { group_ = group; }
  Group* group() const { return group_; }
  bool has_critic() const { return critic_ != nullptr; }
  /// The critic is a head on the policy's hidden layers.
  bool shared() const { return shared_; }
  /// The critic is a Q(s, a).
  bool values_actions() const { return kind_ != CriticKind::states; }
  /// Its observation ends in t/limit.
  bool sees_time() const { return sees_time_; }
  ParameterRange policy_range() const { return policy_range_; }
  ParameterRange critic_range() const { return critic_->range(); }
  int observation_size() const { return spec_.observation.size(); }
  /// Dimensions of a box action, 0 for discrete ones.
  int action_size() const { return distribution_->discrete() ? 0 : distribution_->actions(); }

  /// The distribution's parameters for obs [B×features]: logits, or means and spreads.
  Tensor policy(const Tensor& obs) const { return (*policy_)(obs); }
  /// What the critic sees, from the inputs `obs` [B×features] and, with critic.time, `time` [B×1].
  Tensor critic_observation(Tape& tape, const std::string& obs = "obs", const std::string& time = "time") const;
  /// V(s) [B×1] of a critic_observation; with a Q(s, a) of choices V̂(s) = Σ_a π(a|s) Q(s, a), π held still.
  Tensor value(const Tensor& x) const;
  /// Q(s, a) [B×1] of a critic_observation and an action as Distribution::action_input gives it.
  Tensor action_value(const Tensor& x, const Tensor& action) const;
  /// The policy's parameters and V(s) of obs [B×features], layers that they share recorded once. For a critic of
  /// states alone, without critic.time.
  struct Outputs {
    Tensor policy, value;
  };
  Outputs outputs(const Tensor& obs) const;
  /// Forward only: input "obs", output "statistics" (see Distribution).
  const Program& acting() const { return *acting_; }
  /// Forward only: inputs "statistics" and "action", output "log_prob" with the bits of the losses' own; null where
  /// actions are choices, whose sampling gives those bits by itself.
  const Program* judging() const { return judging_.get(); }
  /// There is a V(s): a critic that is not a Q(s, a) of continuous actions, whose V̂ is no finite sum.
  bool has_value() const { return valuing_ != nullptr; }
  /// Forward only: inputs "obs" and, with critic.time, "time"; output "value". Only where has_value().
  const Program& valuing() const { return *valuing_; }
  /// Forward only: the same inputs and "action"; output "action_value". Only where values_actions().
  const Program& valuing_actions() const { return *valuing_actions_; }

 private:
  enum class CriticKind { states, action_outputs, action_inputs };
  Tensor all_action_values(const Tensor& x) const;
  void record_programs();

  Spec spec_;
  CriticKind kind_ = CriticKind::states;
  bool sees_time_ = false;
  std::optional<ObservationNormaliser> normaliser_;
  Group* group_ = nullptr;
  ParameterLayout layout_;
  bool shared_ = false;
  std::unique_ptr<Distribution> distribution_;
  std::unique_ptr<Mlp> policy_, critic_;
  ParameterRange policy_range_;
  std::unique_ptr<Parameters<T>> parameters_;
  std::unique_ptr<Program> acting_, judging_, valuing_, valuing_actions_;
};

/// Runs an agent's policy on panels of observations, as it sees them (Agent::normaliser): one an acting thread.
template <class T>
class Actor {
 public:
  explicit Actor(const Agent<T>& agent);

  /// Statistics of π(·|s) for `rows` observations (feature f of row r at obs[f·ld + r]); valid until the next call.
  View<const T> statistics(int rows, const T* obs, std::ptrdiff_t ld);
  /// Samples an action a row; row r draws from random(stream + r, counter). See Distribution::sample.
  void sample(int rows, const T* obs, std::ptrdiff_t ld, const Random& random, std::uint32_t stream,
              std::uint64_t counter, std::int32_t* index, T* action, std::ptrdiff_t action_ld, T* log_prob);
  /// The same from statistics that were found before, row r's at seen.data[r·row_stride].
  void draw(int rows, const View<const T>& seen, const Random& random, std::uint32_t stream, std::uint64_t counter,
            std::int32_t* index, T* action, std::ptrdiff_t action_ld, T* log_prob);
  /// Whether ln π of an action is found by a program of its own, which costs less for a whole rollout than step by
  /// step: then sample() may be given no log_prob, statistics be left in a panel, and judge() do the rest, to the same
  /// bits.
  bool judges() const { return judge_ != nullptr; }
  /// The next statistics lie at panel[c·ld + r]; null: in the actor.
  void leave_statistics(T* panel, std::ptrdiff_t ld) { left_ = {panel, ld, 1}; }
  /// ln π of `rows` actions, from statistics at seen.data[c·column_stride + r].
  void judge(int rows, const View<const T>& seen, const T* action, std::ptrdiff_t action_ld, T* log_prob);
  /// The next observations are rows row, row + 1, … of a rollout, for whose loss the networks' values are left.
  void hand_over(Handover<T>& handover, int row) { handover.give(bindings_, row); }
  /// The most probable actions.
  void mode(int rows, const T* obs, std::ptrdiff_t ld, std::int32_t* index, T* action, std::ptrdiff_t action_ld);

 private:
  const Agent<T>* agent_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
  std::unique_ptr<Workspace<T>> judge_;
  std::unique_ptr<Bindings<T>> judged_;
  std::vector<T> statistics_;
  View<T> left_;
};

}  // namespace pigrad
