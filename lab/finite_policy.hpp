#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../core/tape.hpp"
#include "../core/workspace.hpp"
#include "../nn/mlp.hpp"
#include "mdp.hpp"

namespace pigrad::lab {

/// Logits [B×A] of a policy from features [B×F], recorded on a tape.
using Logits = std::function<Tensor(Tape& tape, const Tensor& features)>;

/// π(a|s) = softmax of a network's logits at every state of a finite MDP, in double precision, and its derivatives
/// through the tape. P is the number of parameters. Cheap to copy; copies share the recorded programs.
class FinitePolicy {
 public:
  /// Any network on the state's features. Terminal states have a row too, that nothing weighs.
  FinitePolicy(const FiniteMdp& mdp, const ParameterLayout& layout, const Logits& logits);
  /// Logits are s·θ with a table θ [F×A], without a bias: one entry a state and action where features are one-hot; a
  /// linear softmax policy otherwise. θ starts at 0: every action alike.
  static FinitePolicy linear(const FiniteMdp& mdp);
  /// A multi-layer perceptron, PyTorch's start for its weights.
  static FinitePolicy network(const FiniteMdp& mdp, const MlpSettings& settings, std::uint64_t seed);

  int size() const { return static_cast<int>(theta_.size()); }
  int states() const { return states_; }
  int actions() const { return actions_; }
  const std::vector<double>& parameters() const { return theta_; }
  void set_parameters(const std::vector<double>& theta);
  /// Parameters drawn from N(0, spread²), by seed.
  void randomise(std::uint64_t seed, double spread);

  /// π(a|s) [S×A].
  std::vector<double> probabilities() const;
  /// The score ∇ ln π(a|s) of every state and action [S·A×P].
  std::vector<double> scores() const;
  /// Σ_{s,a} ∇π(a|s)·π̄(s,a) [P]: the policy's backward pass from an adjoint of its probabilities [S×A].
  std::vector<double> pull_back(const std::vector<double>& probability_bar) const;

 private:
  struct Recorded;
  Bindings<double> bound(const Program& program, const std::vector<double>& features) const;

  std::shared_ptr<const Recorded> recorded_;
  int states_, actions_;
  std::vector<double> theta_;
};

}  // namespace pigrad::lab
