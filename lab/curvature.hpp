#pragma once
#include <cstdint>
#include <vector>

#include "../core/conjugate_gradients.hpp"
#include "../core/hessian_product.hpp"
#include "../rl/agent.hpp"
#include "../rl/natural_policy.hpp"
#include "../rl/rollout.hpp"

namespace pigrad {

/// Products with the empirical Fisher matrix of the actions that were taken, F̂ = mean_t ∇ln π(a_t|s_t) (∇ln
/// π(a_t|s_t))ᵀ, without forming it: each sample's product sₜᵀv goes to a Dot sink, then mean_t (sₜᵀv) sₜ is one
/// gradient. Its expectation over a ∼ π is the true Fisher matrix (FisherProduct); on few rows, or under another
/// policy's actions, the two differ.
class EmpiricalFisher {
 public:
  explicit EmpiricalFisher(const Agent<double>& agent);
  /// Rows of a rollout, which outlives this: `count` of order, or the first ones if order is null.
  void bind(const Rollout<double>& rollout, const std::int32_t* order, int count);
  /// out ← F̂ v, all [P], at the agent's present parameters.
  void operator()(const double* v, double* out, int threads = 1);

 private:
  const Agent<double>* agent_;
  Program program_;
  Workspace<double> workspace_;
  Bindings<double> bindings_;
  std::vector<std::int32_t> rows_;
  std::vector<double> weight_, products_;
};

/// L = mean_t w_t ln π(a_t|s_t): with w = 1 its samples' gradients are the scores by B, with w = Ψ it is the surrogate
/// whose gradient is the policy gradient. Inputs "obs", "action", "weight". Output "log_prob" [B×1].
template <class T>
Program score_program(const Agent<T>& agent);

/// The natural gradient x ≈ (F + λI)⁻¹ g (Amari 1998; Kakade 2002, theorem 1) and how far it turns from g.
struct NaturalGradient {
  std::vector<double> direction;
  double cosine = 0, degrees = 0;  ///< of the angle to g; NaN for g = 0
  ConjugateGradientsResult solved;
};
NaturalGradient natural_gradient(const LinearMap<double>& fisher, const std::vector<double>& gradient, double damping,
                                 const ConjugateGradientsOptions& options = {});

struct LanczosOptions {
  int steps = 40;          ///< products; the Krylov space's dimension
  std::uint64_t seed = 1;  ///< of the start vector
};

/// Ritz pairs of a symmetric matrix, largest eigenvalue first.
struct Spectrum {
  std::vector<double> values;
  std::vector<std::vector<double>> vectors;  ///< of length 1, [size] each
  std::vector<double> residuals;             ///< ‖Av − λv‖: some eigenvalue of A lies this near to each value
};

/// The eigenvalues that Lanczos' iteration (1950) finds: the outermost first and best. Every new vector is made
/// orthogonal to all before it, twice, so that no eigenvalue shows twice by rounding.
/// @param size of the vectors; steps beyond it are not taken
Spectrum lanczos(const LinearMap<double>& a, int size, const LanczosOptions& options = {});

/// The matrix itself, row-major [size × size], by products with unit vectors: for small sizes.
std::vector<double> dense(const LinearMap<double>& a, int size);

}  // namespace pigrad
