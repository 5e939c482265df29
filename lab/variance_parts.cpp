#include <algorithm>
#include <numeric>

#include "../core/error.hpp"
#include "moments.hpp"
#include "psi_law.hpp"

namespace pigrad::lab {
namespace {

/// What the law of total variance needs of each state and action: how often, and Ψ's mean and variance there.
struct Cells {
  std::vector<double> visits;          ///< weight of each state [S], scale = their sum
  std::vector<double> pi;              ///< [S×A]
  std::vector<double> mean, variance;  ///< of Ψ − b [S×A]
};

VarianceParts taken_apart(const Cells& cells, const FiniteMdp& mdp, const FinitePolicy& policy) {
  const auto parameters = static_cast<std::size_t>(policy.size());
  const std::vector<double> scores = policy.scores();
  const double scale = std::accumulate(cells.visits.begin(), cells.visits.end(), 0.0);
  std::vector<double> whole(parameters);
  VarianceParts out;
  double squares = 0;
  for (int s = 0; s < mdp.states; ++s) {
    const double share = cells.visits[static_cast<std::size_t>(s)] / scale;
    std::vector<double> state_mean(parameters);
    for (int a = 0; a < mdp.actions; ++a) {
      const std::size_t i = mdp.at(s, a);
      const double* u = scores.data() + i * parameters;
      const double square = std::inner_product(u, u + parameters, u, 0.0);
      out.trajectories += share * cells.pi[i] * cells.variance[i] * square;
      out.actions += share * cells.pi[i] * cells.mean[i] * cells.mean[i] * square;
      for (std::size_t k = 0; k < parameters; ++k) state_mean[k] += cells.pi[i] * cells.mean[i] * u[k];
    }
    const double square = std::inner_product(state_mean.begin(), state_mean.end(), state_mean.begin(), 0.0);
    out.actions -= share * square;
    squares += share * square;
    for (std::size_t k = 0; k < parameters; ++k) whole[k] += share * state_mean[k];
  }
  out.states = squares - std::inner_product(whole.begin(), whole.end(), whole.begin(), 0.0);
  for (double* part : {&out.trajectories, &out.actions, &out.states}) *part *= scale * scale;
  return out;
}

}  // namespace

VarianceParts exact_variance_parts(const PsiSettings& settings, const FiniteMdp& mdp, const FinitePolicy& policy,
                                   const CriticTable* critic, const Baseline& baseline) {
  const PsiLaw law = psi_law(settings, mdp, critic, baseline);
  Cells cells;
  cells.pi = policy.probabilities();
  const Exact exact = solve(mdp, cells.pi);
  cells.visits = settings.discount_time ? exact.discounted_visits : exact.visits;
  for (std::size_t s = 0; s < cells.visits.size(); ++s)
    if (mdp.terminal[s]) cells.visits[s] = 0;
  const PsiMoments m = psi_moments(law, mdp, cells.pi, ChainSolver(mdp, cells.pi));
  cells.mean.assign(cells.pi.size(), 0);
  cells.variance = cells.mean;
  each_transition(mdp, cells.pi, [&](int s, int a, int next, double share, bool end) {
    const auto n = static_cast<std::size_t>(next);
    const std::size_t i = mdp.at(s, a);
    const double p = share / cells.pi[i], c = law.c[mdp.at(s, a, next)];
    cells.mean[i] += p * (c + (end ? 0 : law.kappa * m.first[n]));
    cells.variance[i] += p * (c * c + (end ? 0 : 2 * c * law.kappa * m.first[n] + law.kappa * law.kappa * m.second[n]));
  });
  for (std::size_t i = 0; i < cells.mean.size(); ++i) {
    cells.variance[i] -= cells.mean[i] * cells.mean[i];
    cells.mean[i] -= law.b[i / static_cast<std::size_t>(mdp.actions)];
  }
  return taken_apart(cells, mdp, policy);
}

VarianceParts sampled_variance_parts(const PsiSettings& settings, const FiniteMdp& mdp, const FinitePolicy& policy,
                                     const Trajectories& data, const CriticTable* critic, const Baseline& baseline) {
  PsiSettings bare = settings;
  bare.discount_time = false;
  const std::vector<double> values = psi(bare, mdp, data, critic, baseline);
  std::vector<double> time(values.size(), 1.0);
  if (settings.discount_time) discount_weight<double>(data.path(), mdp.gamma, nullptr, time.data());
  Cells cells;
  cells.visits.assign(static_cast<std::size_t>(mdp.states), 0);
  cells.pi.assign(cells.visits.size() * static_cast<std::size_t>(mdp.actions), 0);
  cells.mean = cells.variance = cells.pi;
  std::vector<double> rows(cells.pi.size());
  for (std::size_t row = 0; row < values.size(); ++row) {
    const std::size_t i = mdp.at(data.state[row], data.action[row]);
    cells.pi[i] += time[row] / data.count();
    cells.visits[static_cast<std::size_t>(data.state[row])] += time[row] / data.count();
    ++rows[i];
    const double before = values[row] - cells.mean[i];
    cells.mean[i] += before / rows[i];
    cells.variance[i] += before * (values[row] - cells.mean[i]);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    cells.variance[i] /= std::max(rows[i] - 1, 1.0);
    const double here = cells.visits[i / static_cast<std::size_t>(mdp.actions)];
    if (here > 0) cells.pi[i] /= here;
  }
  return taken_apart(cells, mdp, policy);
}

}  // namespace pigrad::lab
