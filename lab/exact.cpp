#include "exact.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "../core/error.hpp"
#include "policy_chain.hpp"

namespace pigrad::lab {

std::vector<double> Exact::probability_bar() const {
  std::vector<double> bar(q.size());
  for (std::size_t i = 0; i < q.size(); ++i) bar[i] = discounted_visits[i / static_cast<std::size_t>(actions)] * q[i];
  return bar;
}

Exact solve(const FiniteMdp& mdp, const std::vector<double>& pi) {
  if (pi.size() != static_cast<std::size_t>(mdp.states * mdp.actions))
    throw Error("exact values", "there are " + std::to_string(pi.size()) + " probabilities", "give [S×A] of them");
  Exact out;
  out.states = mdp.states, out.actions = mdp.actions;
  out.pi = pi;
  const bool ends = always_ends(mdp, pi);
  if (mdp.gamma == 1 && !ends)
    throw Error("exact values", "γ is 1 and this policy can walk in " + mdp.name + " for ever",
                "give a γ below 1, or a horizon");
  const int n = mdp.states;
  const std::vector<double> chain = policy_chain(mdp, pi);
  const Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>> p(chain.data(), n, n);
  const Eigen::MatrixXd system = Eigen::MatrixXd::Identity(n, n) - mdp.gamma * p;
  const Eigen::PartialPivLU<Eigen::MatrixXd> lu(system);
  Eigen::VectorXd r = Eigen::VectorXd::Zero(n);
  for (int s = 0; s < n; ++s)
    for (int a = 0; a < mdp.actions; ++a) r(s) += pi[mdp.at(s, a)] * mdp.mean_reward(s, a);
  const Eigen::Map<const Eigen::VectorXd> start(mdp.start.data(), n);
  const Eigen::VectorXd v = lu.solve(r), d = lu.transpose().solve(start);
  out.v.assign(v.data(), v.data() + n);
  out.discounted_visits.assign(d.data(), d.data() + n);
  out.objective = start.dot(v);
  out.length = std::numeric_limits<double>::infinity();
  if (ends) {
    const Eigen::VectorXd visits =
        mdp.gamma == 1 ? d : (Eigen::MatrixXd::Identity(n, n) - p).partialPivLu().transpose().solve(start).eval();
    out.visits.assign(visits.data(), visits.data() + n);
    // An episode that is over takes no further step.
    out.length = 0;
    for (int s = 0; s < n; ++s)
      if (!mdp.terminal[static_cast<std::size_t>(s)]) out.length += visits(s);
  }
  out.q.assign(pi.size(), 0);
  for (int s = 0; s < n; ++s) {
    if (mdp.terminal[static_cast<std::size_t>(s)]) continue;
    for (int a = 0; a < mdp.actions; ++a) {
      double& q = out.q[mdp.at(s, a)];
      q = mdp.mean_reward(s, a);
      for (int next = 0; next < n; ++next)
        q += mdp.gamma * mdp.transition[mdp.at(s, a, next)] * out.v[static_cast<std::size_t>(next)];
    }
  }
  out.advantage = out.q;
  for (std::size_t i = 0; i < pi.size(); ++i) out.advantage[i] -= out.v[i / static_cast<std::size_t>(mdp.actions)];
  return out;
}

std::vector<double> exact_gradient(const FiniteMdp& mdp, const FinitePolicy& policy) {
  return policy.pull_back(solve(mdp, policy).probability_bar());
}

double exact_objective(const FiniteMdp& mdp, FinitePolicy policy, const std::vector<double>& theta) {
  policy.set_parameters(theta);
  return solve(mdp, policy).objective;
}

std::vector<double> best_action_values(const FiniteMdp& mdp) {
  std::vector<double> q(static_cast<std::size_t>(mdp.states * mdp.actions), 0), v(static_cast<std::size_t>(mdp.states));
  constexpr int most = 1000000;
  for (int round = 0; round < most; ++round) {
    double change = 0;
    for (int s = 0; s < mdp.states; ++s) {
      const auto row = q.begin() + static_cast<std::ptrdiff_t>(mdp.at(s, 0));
      v[static_cast<std::size_t>(s)] = *std::max_element(row, row + mdp.actions);
    }
    for (int s = 0; s < mdp.states; ++s) {
      if (mdp.terminal[static_cast<std::size_t>(s)]) continue;
      for (int a = 0; a < mdp.actions; ++a) {
        double sum = mdp.mean_reward(s, a);
        for (int next = 0; next < mdp.states; ++next)
          sum += mdp.gamma * mdp.transition[mdp.at(s, a, next)] * v[static_cast<std::size_t>(next)];
        change = std::max(change, std::abs(sum - q[mdp.at(s, a)]));
        q[mdp.at(s, a)] = sum;
      }
    }
    if (change < 1e-13) return q;
  }
  throw Error("best action values", "they have not settled after a million sweeps of " + mdp.name,
              "give a γ below 1, or a horizon");
}

}  // namespace pigrad::lab
