#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../core/workspace.hpp"
#include "../env/spec.hpp"
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
  bool has_critic() const { return critic_ != nullptr; }
  /// The critic is a head on the policy's hidden layers.
  bool shared() const { return shared_; }
  ParameterRange policy_range() const { return policy_range_; }
  ParameterRange critic_range() const { return critic_->range(); }
  int observation_size() const { return spec_.observation.size(); }
  /// Dimensions of a box action, 0 for discrete ones.
  int action_size() const { return distribution_->discrete() ? 0 : distribution_->actions(); }

  /// The distribution's parameters for obs [B×features]: logits, or means and spreads.
  Tensor policy(const Tensor& obs) const { return (*policy_)(obs); }
  /// V(s) [B×1].
  Tensor value(const Tensor& obs) const { return head(shared_ ? policy_->hidden(obs) : obs); }
  /// Both, with shared layers recorded once.
  struct Outputs {
    Tensor policy, value;
  };
  Outputs outputs(const Tensor& obs) const;
  /// Forward only: input "obs", output "statistics" (see Distribution).
  const Program& acting() const { return *acting_; }
  /// Forward only: inputs "statistics" and "action", output "log_prob" with the bits of the losses' own; null where
  /// actions are choices, whose sampling gives those bits by itself.
  const Program* judging() const { return judging_.get(); }
  /// Forward only: input "obs", output "value".
  const Program& valuing() const { return *valuing_; }

 private:
  Tensor head(const Tensor& x) const { return (*critic_)(x).named("value"); }

  Spec spec_;
  ParameterLayout layout_;
  bool shared_ = false;
  std::unique_ptr<Distribution> distribution_;
  std::unique_ptr<Mlp> policy_, critic_;
  ParameterRange policy_range_;
  std::unique_ptr<Parameters<T>> parameters_;
  std::unique_ptr<Program> acting_, judging_, valuing_;
};

/// Runs an agent's policy on panels of observations: one an acting thread.
template <class T>
class Actor {
 public:
  explicit Actor(const Agent<T>& agent);

  /// Statistics of π(·|s) for `rows` observations (feature f of row r at obs[f·ld + r]); valid until the next call.
  View<const T> statistics(int rows, const T* obs, std::ptrdiff_t ld);
  /// Samples an action a row; row r draws from random(stream + r, counter). See Distribution::sample.
  void sample(int rows, const T* obs, std::ptrdiff_t ld, const Random& random, std::uint32_t stream,
              std::uint64_t counter, std::int32_t* index, T* action, std::ptrdiff_t action_ld, T* log_prob);
  /// The most probable actions.
  void mode(int rows, const T* obs, std::ptrdiff_t ld, std::int32_t* index, T* action, std::ptrdiff_t action_ld);

 private:
  const Agent<T>* agent_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
  std::unique_ptr<Workspace<T>> judge_;
  std::unique_ptr<Bindings<T>> judged_;
  std::vector<T> statistics_;
};

}  // namespace pigrad
