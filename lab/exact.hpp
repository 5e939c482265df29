#pragma once
#include <vector>

#include "finite_policy.hpp"
#include "mdp.hpp"

namespace pigrad::lab {

/// What a policy π(a|s) is worth in a finite MDP, by linear solves in double precision. P_π(s,s') = Σ_a π(a|s)P(s'|s,a)
/// between states that are not terminal, r_π(s) = Σ_a π(a|s) E[r|s,a].
struct Exact {
  int states = 0, actions = 0;
  std::vector<double> pi;                 ///< [S×A], as given
  std::vector<double> v;                  ///< V = r_π + γ P_π V [S]; 0 in terminal states
  std::vector<double> q;                  ///< Q(s,a) = E[r|s,a] + γ Σ P(s'|s,a) V(s') [S×A]
  std::vector<double> advantage;          ///< A = Q − V [S×A]
  std::vector<double> discounted_visits;  ///< Σ_t γᵗ P(s_t = s) [S]: (I − γ P_πᵀ)⁻¹ p₀
  std::vector<double> visits;             ///< Σ_t P(s_t = s) [S]; empty where episodes need not end
  double objective = 0;                   ///< J = Σ p₀ V
  double length = 0;                      ///< expected steps of an episode, Σ visits; ∞ where episodes need not end

  double q_at(int s, int a) const { return q[static_cast<std::size_t>(s * actions + a)]; }
  /// ∂J/∂π(a|s) = Σ_t γᵗ P(s_t = s) · Q(s,a) [S×A], the entries of π taken as independent.
  std::vector<double> probability_bar() const;
};

/// Throws Error, for γ = 1, where a state that the policy reaches has no way to an end: J does not exist.
/// @param pi [S×A]
Exact solve(const FiniteMdp& mdp, const std::vector<double>& pi);
inline Exact solve(const FiniteMdp& mdp, const FinitePolicy& policy) { return solve(mdp, policy.probabilities()); }

/// ∇J = Σ_s d_γ(s) Σ_a Q(s,a) ∇π(a|s) [P] (Sutton, McAllester, Singh and Mansour 2000, theorem 1): J's adjoint on the
/// probabilities by two solves, then the policy's own backward pass.
std::vector<double> exact_gradient(const FiniteMdp& mdp, const FinitePolicy& policy);
/// J of parameters, for differences: the policy keeps its own.
double exact_objective(const FiniteMdp& mdp, FinitePolicy policy, const std::vector<double>& theta);

/// The best values: q* [S×A] by value iteration to 1e-13. Bellman's optimality equation.
std::vector<double> best_action_values(const FiniteMdp& mdp);

}  // namespace pigrad::lab
