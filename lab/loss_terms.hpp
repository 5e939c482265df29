#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../rl/critic_fit.hpp"
#include "../rl/on_policy.hpp"

namespace pigrad {

/// The parts of an algorithm's loss, each as a mean over rows of its last rollout whose gradient can be taken over any
/// of them: actor −ln π(a|s)Ψ; critic (V − R)², with its coefficient where the loss is joint; entropy −cH where c is
/// not 0. Reductions by sum or by episode count as means. Against all pairs (critic.loss: broadcast) the critic's
/// gradient is that of (V − mean R)². Ψ is the critic's before its fit, and normalised over the rollout if at all.
template <class T>
class LossTerms {
 public:
  /// @param algorithm outlives this
  explicit LossTerms(OnPolicy<T>& algorithm);

  /// Looks at the algorithm's rollout and estimates as they are.
  void look();
  const std::vector<std::string>& names() const { return names_; }
  /// Whether a segment of the parameters takes part in a term.
  bool reads(std::size_t term, const Segment& segment) const;
  /// The gradient of a term's mean over `count` rows [P], at the present parameters; valid until the next call.
  const std::vector<T>& gradient(std::size_t term, const std::int32_t* rows, int count, int threads);
  /// The actor's gradient with other weights than Ψ, [rows of the rollout].
  const std::vector<T>& actor_gradient(const std::vector<T>& weight, const std::int32_t* rows, int count, int threads);
  /// Ψ as the actor's gradient has it [rows of the rollout].
  const std::vector<T>& advantages() const { return psi_; }

 private:
  void find_psi();
  void find_target();
  Learner<T>& learner(std::size_t term) const;

  OnPolicy<T>* algorithm_;
  TrainSettings settings_;
  bool joint_;
  std::vector<std::string> names_;
  std::unique_ptr<Learner<T>> actor_, entropy_;
  std::unique_ptr<CriticFit<T>> critic_;
  std::vector<T> psi_, target_, scaled_;
};

}  // namespace pigrad
