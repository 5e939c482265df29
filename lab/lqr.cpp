#include "lqr.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "../core/error.hpp"
#include "lqr_matrices.inl"

namespace pigrad::lab {
namespace {

void check_matrix(const char* name, const std::vector<double>& matrix, int rows, int columns, bool symmetric) {
  if (matrix.size() != static_cast<std::size_t>(rows * columns))
    throw Error(std::string("lqr ") + name, "there are " + std::to_string(matrix.size()) + " numbers",
                "give " + std::to_string(rows) + "×" + std::to_string(columns));
  if (!symmetric) return;
  const LqrMatrix m = lqr_matrix(matrix, rows, columns);
  if (!(m - m.transpose()).isZero(1e-12 * (1 + m.norm())))
    throw Error(std::string("lqr ") + name, "it is not symmetric", "give its symmetric part");
}

// X of X = Q + γ F X Fᵀ, by the linear system of its n² entries.
LqrMatrix lyapunov(const LqrMatrix& f, const LqrMatrix& q, double gamma) {
  const Eigen::Index n = f.rows();
  Eigen::MatrixXd system = Eigen::MatrixXd::Identity(n * n, n * n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      for (Eigen::Index k = 0; k < n; ++k)
        for (Eigen::Index l = 0; l < n; ++l) system(i * n + j, k * n + l) -= gamma * f(i, k) * f(j, l);
  const Eigen::VectorXd right = Eigen::Map<const Eigen::VectorXd>(q.data(), n * n);
  const Eigen::VectorXd x = system.partialPivLu().solve(right);
  return Eigen::Map<const LqrMatrix>(x.data(), n, n);
}

// −∂cost/∂(K, ln σ) of one step: `weight` times its discounted second moment of x, `steps` its discounted count.
void add_step(const LqrParts& parts, const LqrMatrix& after, const LqrMatrix& moment, double gamma, double steps,
              std::vector<double>& gradient) {
  const LqrMatrix curvature = parts.r + gamma * parts.b.transpose() * after * parts.b;
  const LqrMatrix slope = 2 * (curvature * parts.k + gamma * parts.b.transpose() * after * parts.a) * moment;
  const auto size = static_cast<std::size_t>(slope.size());
  for (std::size_t i = 0; i < size; ++i) gradient[i] -= slope.data()[i];
  for (Eigen::Index j = 0; j < curvature.rows(); ++j)
    gradient[size + static_cast<std::size_t>(j)] -= steps * 2 * parts.spread(j, j) * curvature(j, j);
}

}  // namespace

void LqrProblem::check() const {
  if (states < 1 || inputs < 1) throw Error("lqr", "it has no states or inputs", "give at least one of each");
  check_matrix("A", a, states, states, false), check_matrix("B", b, states, inputs, false);
  check_matrix("Q", q, states, states, true), check_matrix("R", r, inputs, inputs, true);
  check_matrix("W", noise, states, states, true), check_matrix("X₀", start, states, states, true);
  if (!(gamma > 0 && gamma <= 1)) throw Error("lqr gamma", "it is " + std::to_string(gamma), "give 0 to 1");
  if (horizon < 0 || (horizon == 0 && gamma == 1))
    throw Error("lqr", "γ is 1 and there is no horizon", "give a γ below 1, or a horizon");
}

LqrExact lqr_exact(const LqrProblem& problem, const LqrPolicy& policy) {
  problem.check();
  const LqrParts parts(problem, policy);
  const double g = problem.gamma;
  LqrExact out;
  out.gradient.assign(policy.gain.size() + policy.log_std.size(), 0);
  const LqrMatrix step_cost = parts.q + parts.k.transpose() * parts.r * parts.k;
  const double input_cost = (parts.r * parts.spread).trace();
  LqrMatrix p;
  if (problem.horizon == 0) {
    const double radius = parts.closed.eigenvalues().cwiseAbs().maxCoeff();
    if (!(std::sqrt(g) * radius < 1))
      throw Error("lqr", "√γ times the spectral radius of A+BK is " + std::to_string(std::sqrt(g) * radius),
                  "give a stabilising gain, or a horizon");
    p = lyapunov(parts.closed.transpose(), step_cost, g);
    const LqrMatrix arriving = parts.start + g / (1 - g) * parts.driven;
    add_step(parts, p, lyapunov(parts.closed, arriving, g), g, 1 / (1 - g), out.gradient);
    out.objective = -((p * parts.start).trace() + (input_cost + g * (p * parts.driven).trace()) / (1 - g));
  } else {
    const LqrMatrix nothing = LqrMatrix::Zero(problem.states, problem.states);
    std::vector<LqrMatrix> to_go(static_cast<std::size_t>(problem.horizon) + 1, nothing);
    for (std::size_t t = to_go.size() - 1; t-- > 0;)
      to_go[t] = step_cost + g * parts.closed.transpose() * to_go[t + 1] * parts.closed;
    p = to_go[0];
    LqrMatrix moment = parts.start;
    double weight = 1;
    out.objective = -(p * parts.start).trace();
    for (std::size_t t = 0; t + 1 < to_go.size(); ++t, weight *= g) {
      add_step(parts, to_go[t + 1], weight * moment, g, weight, out.gradient);
      out.objective -= weight * (input_cost + g * (to_go[t + 1] * parts.driven).trace());
      moment = (parts.closed * moment * parts.closed.transpose() + parts.driven).eval();
    }
  }
  out.cost_to_go.assign(p.data(), p.data() + p.size());
  return out;
}

std::vector<double> lqr_best_gain(const LqrProblem& problem) {
  problem.check();
  const LqrPolicy none{std::vector<double>(static_cast<std::size_t>(problem.inputs * problem.states), 0.0),
                       std::vector<double>(static_cast<std::size_t>(problem.inputs), 0.0)};
  const LqrParts parts(problem, none);
  const double g = problem.gamma;
  LqrMatrix p = parts.q;
  for (int round = 0; round < 1000000; ++round) {
    const LqrMatrix cross = g * parts.b.transpose() * p * parts.a;
    const LqrMatrix k = -(parts.r + g * parts.b.transpose() * p * parts.b).ldlt().solve(cross);
    const LqrMatrix next = parts.q + g * parts.a.transpose() * p * parts.a + cross.transpose() * k;
    const double change = (next - p).norm();
    p = next;
    if (!std::isfinite(change)) break;
    if (change < 1e-13 * (1 + p.norm())) return {k.data(), k.data() + k.size()};
  }
  throw Error("lqr best gain", "Riccati's equation does not settle", "give a problem that can be stabilised");
}

}  // namespace pigrad::lab
