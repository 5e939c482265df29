#include "moments.hpp"

#include <numeric>

#include "../core/error.hpp"
#include "psi_law.hpp"
#include "quality.hpp"

namespace pigrad::lab {
namespace {

/// Per-state sums with parameters: what both kinds of recursion share.
struct Sweep {
  const FiniteMdp& mdp;
  std::vector<double> pi, scores;
  ChainSolver solver;
  std::size_t parameters, states;

  Sweep(const FiniteMdp& of, const FinitePolicy& policy)
      : mdp(of),
        pi(policy.probabilities()),
        scores(policy.scores()),
        solver(of, pi),
        parameters(static_cast<std::size_t>(policy.size())),
        states(static_cast<std::size_t>(of.states)) {}

  const double* score(int s, int a) const { return scores.data() + mdp.at(s, a) * parameters; }
  double square(int s, int a) const {
    const double* u = score(s, a);
    return std::inner_product(u, u + parameters, u, 0.0);
  }
  double along(int s, int a, const std::vector<double>& x, int next) const {
    const double* u = score(s, a);
    return std::inner_product(u, u + parameters, x.data() + static_cast<std::size_t>(next) * parameters, 0.0);
  }
  /// to[s] += weight·u(s,a)
  void add_score(std::vector<double>& to, int s, int a, double weight) const {
    for (std::size_t k = 0; k < parameters; ++k)
      to[static_cast<std::size_t>(s) * parameters + k] += weight * score(s, a)[k];
  }
  /// to[s] += weight·x[next]
  void add_after(std::vector<double>& to, int s, const std::vector<double>& x, int next, double weight) const {
    for (std::size_t k = 0; k < parameters; ++k)
      to[static_cast<std::size_t>(s) * parameters + k] += weight * x[static_cast<std::size_t>(next) * parameters + k];
  }
  std::vector<double> vectors() const { return std::vector<double>(states * parameters, 0.0); }
  std::vector<double> numbers() const { return std::vector<double>(states, 0.0); }
  /// Σ p₀(s) x[s].
  std::vector<double> at_start(const std::vector<double>& x) const {
    std::vector<double> out(x.size() / states);
    for (std::size_t s = 0; s < states; ++s)
      for (std::size_t k = 0; k < out.size(); ++k) out[k] += mdp.start[s] * x[s * out.size() + k];
    return out;
  }
};

ExactMoments from(std::vector<double> mean, double second) {
  const double square = dot(mean, mean);
  return {std::move(mean), second - square};
}

ExactMoments recursion_moments(const Sweep& sweep, const PsiLaw& law) {
  const FiniteMdp& mdp = sweep.mdp;
  const PsiMoments m = psi_moments(law, mdp, sweep.pi, sweep.solver);
  const double kappa = law.kappa, omega = law.omega;
  // E[Ψ] and E[Ψ²] of a step to s'.
  const auto first = [&](double c, int next, bool end) {
    return c + (end ? 0 : kappa * m.first[static_cast<std::size_t>(next)]);
  };
  const auto second = [&](double c, int next, bool end) {
    const auto i = static_cast<std::size_t>(next);
    return c * c + (end ? 0 : 2 * c * kappa * m.first[i] + kappa * kappa * m.second[i]);
  };
  std::vector<double> known = sweep.vectors();
  each_transition(mdp, sweep.pi, [&](int s, int a, int next, double share, bool end) {
    const double psi = first(law.c[mdp.at(s, a, next)], next, end) - law.b[static_cast<std::size_t>(s)];
    sweep.add_score(known, s, a, share * psi);
  });
  const std::vector<double> x = sweep.solver(omega, known);
  known = sweep.vectors();
  each_transition(mdp, sweep.pi, [&](int s, int a, int next, double share, bool end) {
    const double c = law.c[mdp.at(s, a, next)], b = law.b[static_cast<std::size_t>(s)];
    sweep.add_score(known, s, a, share * (second(c, next, end) - b * first(c, next, end)));
    if (!end) sweep.add_after(known, s, x, next, share * omega * c);
  });
  const std::vector<double> psi_x = sweep.solver(omega * kappa, known);
  std::vector<double> square = sweep.numbers();
  each_transition(mdp, sweep.pi, [&](int s, int a, int next, double share, bool end) {
    const auto i = static_cast<std::size_t>(s);
    const double c = law.c[mdp.at(s, a, next)], b = law.b[i];
    const double spread = second(c, next, end) - 2 * b * first(c, next, end) + b * b;
    square[i] += share * spread * sweep.square(s, a);
    if (!end)
      square[i] += share * 2 * omega * ((c - b) * sweep.along(s, a, x, next) + kappa * sweep.along(s, a, psi_x, next));
  });
  square = sweep.solver(omega * omega, square);
  return from(sweep.at_start(x), sweep.at_start(square)[0]);
}

/// E[RH] [P], E‖H‖², E[R‖H‖²] and E[R²‖H‖²] of an episode, R its discounted return and H = Σ∇ ln π, whose mean is 0.
struct TotalMoments {
  std::vector<double> rh;
  double hh, rhh, rrhh;
};

TotalMoments total_moments(const Sweep& sweep) {
  const FiniteMdp& mdp = sweep.mdp;
  const double g = mdp.gamma;
  PsiLaw law{mdp.reward, g, 1, sweep.numbers()};
  const PsiMoments m = psi_moments(law, mdp, sweep.pi, sweep.solver);
  std::vector<double> rh = sweep.vectors(), rrh = rh, hh = sweep.numbers(), rhh = hh, rrhh = hh;
  const auto each = [&](auto&& f) {
    each_transition(mdp, sweep.pi, [&](int s, int a, int next, double share, bool end) {
      const auto n = static_cast<std::size_t>(next);
      const double r = mdp.reward[mdp.at(s, a, next)];
      f(s, a, next, share, end, r, r + (end ? 0 : g * m.first[n]),
        r * r + (end ? 0 : 2 * r * g * m.first[n] + g * g * m.second[n]));
    });
  };
  each([&](int s, int a, int, double share, bool, double, double first, double) {
    sweep.add_score(rh, s, a, share * first);
    hh[static_cast<std::size_t>(s)] += share * sweep.square(s, a);
  });
  rh = sweep.solver(g, rh), hh = sweep.solver(1, hh);
  each([&](int s, int a, int next, double share, bool end, double r, double first, double second) {
    const auto i = static_cast<std::size_t>(s), n = static_cast<std::size_t>(next);
    sweep.add_score(rrh, s, a, share * second);
    if (!end) sweep.add_after(rrh, s, rh, next, share * 2 * r * g);
    rhh[i] += share * first * sweep.square(s, a);
    if (!end) rhh[i] += share * (2 * g * sweep.along(s, a, rh, next) + r * hh[n]);
  });
  rrh = sweep.solver(g * g, rrh), rhh = sweep.solver(g, rhh);
  each([&](int s, int a, int next, double share, bool end, double r, double, double second) {
    const auto i = static_cast<std::size_t>(s), n = static_cast<std::size_t>(next);
    rrhh[i] += share * second * sweep.square(s, a);
    if (!end)
      rrhh[i] += share * (2 * (2 * r * g * sweep.along(s, a, rh, next) + g * g * sweep.along(s, a, rrh, next)) +
                          r * r * hh[n] + 2 * r * g * rhh[n]);
  });
  rrhh = sweep.solver(g * g, rrhh);
  return {sweep.at_start(rh), sweep.at_start(hh)[0], sweep.at_start(rhh)[0], sweep.at_start(rrhh)[0]};
}

}  // namespace

ExactMoments exact_moments(const PsiSettings& settings, const FiniteMdp& mdp, const FinitePolicy& policy,
                           const CriticTable* critic, const Baseline& baseline) {
  const Sweep sweep(mdp, policy);
  if (settings.estimator != "total_return" || settings.normalise)
    return recursion_moments(sweep, psi_law(settings, mdp, critic, baseline));
  if (!has_exact_moments(settings))
    throw Error("exact moments", "a total return with this baseline is no recursion over states", "sample it instead");
  const TotalMoments m = total_moments(sweep);
  const double b = settings.baseline == BaselineKind::none ? 0 : baseline.constant;
  return from(m.rh, m.rrhh - 2 * b * m.rhh + b * b * m.hh);
}

bool has_exact_moments(const PsiSettings& settings) {
  if (settings.estimator != "total_return") return no_law_because(settings).empty();
  return !settings.normalise && settings.baseline != BaselineKind::value && settings.baseline != BaselineKind::time;
}

double exact_optimal_constant(const FiniteMdp& mdp, const FinitePolicy& policy) {
  const TotalMoments m = total_moments(Sweep(mdp, policy));
  return m.rhh / m.hh;
}

}  // namespace pigrad::lab
