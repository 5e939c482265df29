#pragma once
#include <cstdint>
#include <vector>

namespace pigrad::lab {

/// Linear dynamics x' = Ax + Bu + w, w ~ N(0, W), x₀ ~ N(0, X₀), and the cost xᵀQx + uᵀRu of each step, which is the
/// negative reward. n states, m inputs; matrices row-major; Q, R, W, X₀ symmetric.
struct LqrProblem {
  int states = 0, inputs = 0;
  std::vector<double> a, b;          ///< [n×n], [n×m]
  std::vector<double> q, r;          ///< [n×n], [m×m]
  std::vector<double> noise, start;  ///< W and X₀ [n×n], positive semidefinite
  double gamma = 1;
  int horizon = 0;  ///< steps of an episode; 0: none, which needs γ below 1

  /// Throws Error for wrong sizes, a matrix that is not symmetric, γ outside (0, 1], or neither horizon nor γ < 1.
  void check() const;
};

/// u = Kx + σ∘ε, ε ~ N(0, I): a linear-Gaussian policy. Its parameters are K, row-major, then ln σ.
struct LqrPolicy {
  std::vector<double> gain;     ///< K [m×n]
  std::vector<double> log_std;  ///< [m]
};

/// J = −E Σ γᵗ (xᵀQx + uᵀRu) and ∇J [m·n + m], in closed form.
struct LqrExact {
  double objective = 0;
  std::vector<double> gradient;
  std::vector<double> cost_to_go;  ///< P₀ [n×n]: the cost of x is xᵀPx and a constant
};
/// P_t = Q + KᵀRK + γ(A+BK)ᵀP_{t+1}(A+BK) backward over the horizon, or its fixed point (Lyapunov's equation), and
/// ∇_K J = −2 Σ_t γᵗ [(R + γBᵀPB)K + γBᵀPA] E[x_t x_tᵀ] (Fazel, Ge, Kakade and Mesbahi 2018, lemma 1, with noise and
/// discount). Throws Error, without a horizon, if √γ(A+BK) is not stable: the cost is infinite.
LqrExact lqr_exact(const LqrProblem& problem, const LqrPolicy& policy);

/// The best gain without a horizon, by iterating Riccati's equation to 1e-13: K = −(R + γBᵀPB)⁻¹ γBᵀPA.
/// Throws Error if it does not settle.
std::vector<double> lqr_best_gain(const LqrProblem& problem);

struct LqrSampleOptions {
  int count = 1000;  ///< episodes
  int steps = 0;     ///< of an episode where the problem has no horizon: γ^steps must be negligible
  std::uint64_t seed = 1;
  bool baseline = true;  ///< subtract the exact V_t(x), constant included, from the return-to-go
};
/// Each episode's Σ_t γᵗ (G_t − b) ∇ ln π(u_t|x_t) [count × (m·n + m)], scores through the tape.
std::vector<double> lqr_gradients(const LqrProblem& problem, const LqrPolicy& policy, const LqrSampleOptions& options);

}  // namespace pigrad::lab
