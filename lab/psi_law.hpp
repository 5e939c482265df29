#pragma once
#include <string>
#include <vector>

#include "psi.hpp"

namespace pigrad::lab {

/// An estimator as a recursion along an episode: Ψ = c(s,a,s') + κΨ', minus b(s); its time weight w' = ωw.
struct PsiLaw {
  std::vector<double> c;  ///< [S×A×S]
  double kappa = 0, omega = 1;
  std::vector<double> b;  ///< [S]
};
/// What of these settings is no such recursion, an estimator of somebody's own among them; empty where nothing is.
std::string no_law_because(const PsiSettings& settings);
/// Throws Error where that is not empty, or where a critic is missing.
PsiLaw psi_law(const PsiSettings& settings, const FiniteMdp& mdp, const CriticTable* critic, const Baseline& baseline);

/// Solves x = known + factor·P_π x in place, for the columns of known [S×C]. 0 in terminal states.
class ChainSolver {
 public:
  ChainSolver(const FiniteMdp& mdp, const std::vector<double>& pi);
  std::vector<double> operator()(double factor, std::vector<double> known) const;

 private:
  int states_;
  std::vector<double> chain_;
};

/// E[Ψ|s] and E[Ψ²|s] [S].
struct PsiMoments {
  std::vector<double> first, second;
};
PsiMoments psi_moments(const PsiLaw& law, const FiniteMdp& mdp, const std::vector<double>& pi,
                       const ChainSolver& solver);

/// Calls f(s, a, s', π(a|s)P(s'|s,a), whether s' is terminal) for every transition that can happen.
template <class F>
void each_transition(const FiniteMdp& mdp, const std::vector<double>& pi, F&& f) {
  for (int s = 0; s < mdp.states; ++s) {
    if (mdp.terminal[static_cast<std::size_t>(s)]) continue;
    for (int a = 0; a < mdp.actions; ++a)
      for (int next = 0; next < mdp.states; ++next) {
        const double share = pi[mdp.at(s, a)] * mdp.transition[mdp.at(s, a, next)];
        if (share > 0) f(s, a, next, share, mdp.terminal[static_cast<std::size_t>(next)] != 0);
      }
  }
}

}  // namespace pigrad::lab
