#pragma once
#include "../distribution.hpp"

namespace pigrad {

/// Independent normals over A dimensions: a ~ N(μ, diag σ²), μ [B×A] from the network. The spread is a constant, a
/// learned row [1×A], or the network's further A outputs; given as ln σ (`log_std`) or ln σ² (`log_variance`).
///
/// | | |
/// |---|---|
/// | ln π(a) | Σ_j −½ z_j² − ln σ_j − ½ ln 2π, z = (a − μ)/σ |
/// | H | Σ_j ½ + ½ ln 2π + ln σ_j |
/// | KL(p‖q) | Σ_j ln σq − ln σp + (σp² + (μp − μq)²)/(2σq²) − ½ |
/// | score | ∇_μ = z/σ, ∇_{ln σ} = z² − 1, half as much for ln σ² |
class Gaussian final : public Distribution {
 public:
  Gaussian(const DistributionSettings& settings, int dimensions) : Distribution(settings, dimensions) {}
  bool discrete() const override { return false; }
  int network_outputs() const override { return settings_.spread == "state" ? 2 * actions_ : actions_; }
  int statistics_columns() const override { return 2 * actions_; }
  void add_parameters(ParameterLayout& layout, const std::string& name) override;
  std::vector<std::pair<std::string, double>> initial_values() const override;
  Tensor log_prob(const Tensor& output, const Tensor& action) const override;
  Tensor log_prob_from(const Tensor& statistics, const Tensor& action) const override;
  Tensor entropy(const Tensor& output) const override;
  Tensor kl(const Tensor& p, const Tensor& q) const override;
  Tensor statistics(const Tensor& output) const override;
  void sample(int rows, View<const float> statistics, const Random& random, std::uint32_t stream, std::uint64_t counter,
              std::int32_t* index, View<float> action, float* log_prob) const override;
  void sample(int rows, View<const double> statistics, const Random& random, std::uint32_t stream,
              std::uint64_t counter, std::int32_t* index, View<double> action, double* log_prob) const override;
  void mode(int rows, View<const float> statistics, std::int32_t* index, View<float> action) const override;
  void mode(int rows, View<const double> statistics, std::int32_t* index, View<double> action) const override;

 private:
  Tensor mean(const Tensor& output) const;
  Tensor log_std(const Tensor& output) const;

  std::string spread_segment_;
};

}  // namespace pigrad
