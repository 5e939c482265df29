#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../core/conjugate_gradients.hpp"
#include "../core/hessian_product.hpp"
#include "agent.hpp"
#include "natural_settings.hpp"
#include "rollout.hpp"

namespace pigrad {

/// L = −mean(ρ Ψ) − c·mean H with ρ = π/π_acted, the surrogate of Schulman et al. 2015, eq. 14, as a loss. Inputs
/// "obs", "action", "weight" (Ψ), "log_prob" (ln π of the policy that acted), "old" (Distribution::statistics of π_old
/// [B×S]). Outputs "entropy" (mean H), "kl" = mean KL(π_old‖π), "statistics" [B×S] of π.
template <class T>
Program surrogate_loss(const Agent<T>& agent, double entropy_bonus);

/// mean KL(stop_gradient(π)‖π) of input "obs": 0, its gradient 0, its Hessian the true Fisher matrix
/// F = E_s E_{a∼π} ∇ln π (∇ln π)ᵀ.
template <class T>
Program fisher_loss(const Agent<T>& agent);

/// Products of vectors with a policy's Fisher matrix, averaged over observations.
template <class T>
class FisherProduct {
 public:
  explicit FisherProduct(const Agent<T>& agent);
  /// Averages over `rows` observations, feature f of row r at obs[f·ld + i], i = order ? order[r] : r.
  void bind(int rows, const T* obs, std::ptrdiff_t ld, const std::int32_t* order = nullptr);
  /// out ← F v, all [P], at the agent's present parameters; 0 outside the policy's range.
  void operator()(const T* v, T* out, int threads = 1);

 private:
  const Agent<T>* agent_;
  Program program_;
  HessianProduct<T> product_;
  Bindings<T> bindings_;
  int rows_ = 0;
};

/// A policy that moves along its natural gradient F⁻¹g on the rows of a rollout.
///
///     bind(…)                     π_old ← π_θ
///     differentiate()             g ← ∇L(θ)
///     solve()                     x ≈ (F + λI)⁻¹ g by conjugate gradients
///     move(α)                     θ ← θ_old − α x
template <class T>
class NaturalPolicy {
 public:
  /// @param agent outlives this
  NaturalPolicy(Agent<T>& agent, const NaturalSettings& settings, double entropy_bonus);

  /// Which rows the next calls see: `count` of order, or the first ones if order is null. From here on π_old and θ_old
  /// are the present policy.
  void bind(const Rollout<T>& rollout, const T* weight, const std::int32_t* order, int count, int threads);
  /// L and its gradient at the present parameters. Throws Error, naming the first node that is not finite and its
  /// operands, before any parameter moves.
  double differentiate();
  /// x ≈ (F + λI)⁻¹ g. Throws Error if a product is not finite.
  ConjugateGradientsResult solve();
  /// The longest step whose mean KL(π_old‖π) ≈ ½α²xᵀ(F + λI)x is at most δ: α = √(2δ/xᵀ(F + λI)x) (Schulman et al.
  /// 2015, appendix C). 0 where g = 0.
  double longest_step();
  /// θ ← θ_old − α x; returns L there.
  double move(double alpha);

  /// L at the present parameters, wherever somebody put them.
  double here();

  /// mean KL(π_old‖π) and mean H after the last differentiate, move or here.
  double kl() const { return output("kl"); }
  double entropy() const { return output("entropy"); }
  double grad_norm() const { return grad_norm_; }
  /// Cosine of the natural gradient's angle to the plain one, after solve.
  double cosine() const;
  const std::vector<T>& gradient() const { return gradient_; }
  const std::vector<T>& direction() const { return direction_; }

 private:
  int slot(const char* name) const { return program_.input(name); }
  double output(const char* name) const { return static_cast<double>(workspace_.fixed_output(name)); }
  void damped_product(const T* v, T* out);

  Agent<T>* agent_;
  const NaturalSettings* settings_;
  Program program_;
  Workspace<T> workspace_;
  Bindings<T> bindings_;
  FisherProduct<T> fisher_;
  std::vector<T> old_, start_, gradient_, direction_, product_;
  std::vector<std::int32_t> fisher_rows_;
  const Rollout<T>* rollout_ = nullptr;
  const std::int32_t* order_ = nullptr;
  RunOptions options_;
  double grad_norm_ = 0;
};

}  // namespace pigrad
