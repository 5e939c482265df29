#pragma once
#include "../distribution.hpp"

namespace pigrad {

/// A choice among A: π(a|s) = softmax(z)_a of logits z [B×A].
///
/// | | |
/// |---|---|
/// | ln π(a) | z_a − ln Σ e^z, or the log of a softmax (`log_of_softmax`), which is −∞ where the softmax underflows |
/// | H | −Σ_a π ln π |
/// | KL(p‖q) | Σ_a p (ln p − ln q) |
/// | score | ∇_z ln π(a) = e_a − π |
///
/// H comes from the log-softmax whatever log_prob is. A choice whose logit is −∞ is masked: π = 0, it adds nothing to H
/// (whose ln π is held at −1000, where π is 0 in any scalar) nor to KL from p, and no adjoint reaches its logit; KL is
/// ∞ where q alone masks a choice. Where `log_of_softmax` underflows, every gradient through ln π is not finite.
class Categorical final : public Distribution {
 public:
  Categorical(const DistributionSettings& settings, int choices) : Distribution(settings, choices) {}
  bool discrete() const override { return true; }
  int network_outputs() const override { return actions_; }
  int statistics_columns() const override { return actions_; }
  Tensor log_prob(const Tensor& logits, const Tensor& action) const override;
  Tensor entropy(const Tensor& logits) const override;
  Tensor kl(const Tensor& p, const Tensor& q) const override;
  Tensor statistics(const Tensor& logits) const override;
  void sample(int rows, View<const float> statistics, const Random& random, std::uint32_t stream, std::uint64_t counter,
              std::int32_t* index, View<float> action, float* log_prob) const override;
  void sample(int rows, View<const double> statistics, const Random& random, std::uint32_t stream,
              std::uint64_t counter, std::int32_t* index, View<double> action, double* log_prob) const override;
  void mode(int rows, View<const float> statistics, std::int32_t* index, View<float> action) const override;
  void mode(int rows, View<const double> statistics, std::int32_t* index, View<double> action) const override;
};

}  // namespace pigrad
