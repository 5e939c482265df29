#pragma once
#include <vector>

#include "psi.hpp"

namespace pigrad::lab {

/// Mean and variance of one episode's gradient, without sampling.
struct ExactMoments {
  std::vector<double> mean;  ///< E[g] [P]
  double variance = 0;       ///< tr Cov(g)
};

/// Exact mean and variance of the estimator's gradient of one episode, X₀ of
/// Ψ = c(s,a,s') + κΨ', X = (Ψ − b(s)) ∇ ln π(a|s) + ωX', by linear solves for E[Ψ], E[Ψ²], E[X], E[ΨX] and E‖X‖² in
/// every state (a total return: for E[RⁱHʲ] with H = Σ∇ ln π). Bellman's equations for moments, Sobel 1982.
/// For every estimator but n_step with n > 1 and normalised ones, with baselines none, constant, optimal and value:
/// others throw Error, as does an MDP in which the policy's episodes need not end.
ExactMoments exact_moments(const PsiSettings& settings, const FiniteMdp& mdp, const FinitePolicy& policy,
                           const CriticTable* critic, const Baseline& baseline = {});

/// exact_moments has an answer.
bool has_exact_moments(const PsiSettings& settings);

/// Greensmith's constant for the total return, exactly: E[R‖H‖²]/E[‖H‖²].
double exact_optimal_constant(const FiniteMdp& mdp, const FinitePolicy& policy);

/// The variance of one timestep's term Ψ∇ ln π(a|s), its state drawn as often as episodes visit it (with γᵗ, where the
/// estimator has it), taken apart by the law of total variance (Tucker et al. 2018, eq. 4): over what follows, over
/// actions, over states. Terms are scaled by the expected (discounted) length, so that their mean is the gradient.
struct VarianceParts {
  double trajectories = 0;  ///< E_s,a[Var(Ψ|s,a) ‖∇ ln π‖²]
  double actions = 0;       ///< E_s[tr Cov_a(E[Ψ|s,a] ∇ ln π)]
  double states = 0;        ///< tr Cov_s(E_a[E[Ψ|s,a] ∇ ln π])
  double total() const { return trajectories + actions + states; }
};
VarianceParts exact_variance_parts(const PsiSettings& settings, const FiniteMdp& mdp, const FinitePolicy& policy,
                                   const CriticTable* critic, const Baseline& baseline = {});
/// The same from rows of episodes, by sums over equal states and actions; unbiased within each.
VarianceParts sampled_variance_parts(const PsiSettings& settings, const FiniteMdp& mdp, const FinitePolicy& policy,
                                     const Trajectories& data, const CriticTable* critic,
                                     const Baseline& baseline = {});

}  // namespace pigrad::lab
