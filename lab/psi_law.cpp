#include "psi_law.hpp"

#include <Eigen/Dense>

#include "../core/error.hpp"
#include "policy_chain.hpp"

namespace pigrad::lab {
namespace {

using Matrix = Eigen::Matrix<double, -1, -1, Eigen::RowMajor>;

// c of each estimator.
double step_term(const PsiSettings& settings, const FiniteMdp& mdp, const CriticTable* critic, int s, int a, int next) {
  if (settings.estimator == "q") return critic->q[mdp.at(s, a)];
  const double r = mdp.reward[mdp.at(s, a, next)];
  if (settings.estimator == "return_to_go" || settings.estimator == "reward_to_go") return r;
  const double after =
      mdp.terminal[static_cast<std::size_t>(next)] ? 0 : mdp.gamma * critic->v[static_cast<std::size_t>(next)];
  if (settings.estimator == "n_step") return r + after;
  return r + after - critic->v[static_cast<std::size_t>(s)];
}

}  // namespace

std::string no_law_because(const PsiSettings& settings) {
  if (settings.normalise) return "a normalised Ψ";
  if (settings.estimator == "n_step" && settings.n > 1) return "n_step with n above 1";
  if (settings.baseline == BaselineKind::time) return "a baseline of the time";
  for (const char* known : {"return_to_go", "reward_to_go", "td_error", "gae", "q", "n_step"})
    if (settings.estimator == known) return "";
  return settings.estimator;
}

PsiLaw psi_law(const PsiSettings& settings, const FiniteMdp& mdp, const CriticTable* critic, const Baseline& baseline) {
  const std::string why = no_law_because(settings);
  if (!why.empty()) throw Error("exact moments", why + " is no recursion over states", "sample it instead");
  const bool returns = settings.estimator == "return_to_go" || settings.estimator == "reward_to_go";
  if (!critic && (!returns || settings.baseline == BaselineKind::value))
    throw Error("exact moments", settings.estimator + " needs a critic", "give one");
  PsiLaw law;
  law.kappa = settings.estimator == "return_to_go"   ? mdp.gamma
              : settings.estimator == "reward_to_go" ? 1
              : settings.estimator == "gae"          ? mdp.gamma * settings.lambda
                                                     : 0;
  law.omega = settings.discount_time ? mdp.gamma : 1;
  law.c.resize(mdp.transition.size());
  for (int s = 0; s < mdp.states; ++s)
    for (int a = 0; a < mdp.actions; ++a)
      for (int next = 0; next < mdp.states; ++next)
        law.c[mdp.at(s, a, next)] = step_term(settings, mdp, critic, s, a, next);
  const bool subtracts = returns || settings.estimator == "q" || settings.estimator == "n_step";
  law.b.assign(static_cast<std::size_t>(mdp.states), 0);
  if (subtracts && settings.baseline == BaselineKind::value) law.b = critic->v;
  if (subtracts && settings.baseline != BaselineKind::value && settings.baseline != BaselineKind::none)
    law.b.assign(law.b.size(), baseline.constant);
  return law;
}

ChainSolver::ChainSolver(const FiniteMdp& mdp, const std::vector<double>& pi)
    : states_(mdp.states), chain_(policy_chain(mdp, pi)) {
  if (!always_ends(mdp, pi))
    throw Error("exact moments", "episodes of " + mdp.name + " need not end", "give it a horizon");
}

std::vector<double> ChainSolver::operator()(double factor, std::vector<double> known) const {
  const Eigen::Map<const Matrix> chain(chain_.data(), states_, states_);
  const Eigen::Index columns = static_cast<Eigen::Index>(known.size()) / states_;
  Eigen::Map<Matrix> x(known.data(), states_, columns);
  if (factor != 0) x = (Matrix::Identity(states_, states_) - factor * chain).partialPivLu().solve(x).eval();
  return known;
}

PsiMoments psi_moments(const PsiLaw& law, const FiniteMdp& mdp, const std::vector<double>& pi,
                       const ChainSolver& solver) {
  std::vector<double> known(static_cast<std::size_t>(mdp.states), 0.0);
  each_transition(mdp, pi, [&](int s, int a, int next, double share, bool) {
    known[static_cast<std::size_t>(s)] += share * law.c[mdp.at(s, a, next)];
  });
  PsiMoments out;
  out.first = solver(law.kappa, known);
  known.assign(known.size(), 0);
  each_transition(mdp, pi, [&](int s, int a, int next, double share, bool end) {
    const double c = law.c[mdp.at(s, a, next)], after = end ? 0 : law.kappa * out.first[static_cast<std::size_t>(next)];
    known[static_cast<std::size_t>(s)] += share * (c * c + 2 * c * after);
  });
  out.second = solver(law.kappa * law.kappa, known);
  return out;
}

}  // namespace pigrad::lab
