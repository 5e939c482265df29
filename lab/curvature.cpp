#include "curvature.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "../core/ops.hpp"
#include "../core/random.hpp"

namespace pigrad {

template <class T>
Program score_program(const Agent<T>& agent) {
  Tape tape(agent.layout());
  const Tensor obs = tape.input("obs", agent.observation_size());
  const Tensor action = agent.distribution().action_input(tape, "action");
  const Tensor weight = tape.input("weight", 1);
  const Tensor log_prob = agent.distribution().log_prob(agent.policy(obs), action);
  return tape.program(mean(weight * log_prob).named("mean weighted log_prob"), {{"log_prob", log_prob}});
}
template Program score_program(const Agent<float>&);
template Program score_program(const Agent<double>&);

EmpiricalFisher::EmpiricalFisher(const Agent<double>& agent)
    : agent_(&agent), program_(score_program(agent)), workspace_(program_), bindings_(program_) {}

void EmpiricalFisher::bind(const Rollout<double>& rollout, const std::int32_t* order, int count) {
  rows_.resize(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) rows_[static_cast<std::size_t>(i)] = order ? order[i] : i;
  bindings_.order(rows_.data());
  bindings_.rows(count);
  bindings_.input("obs", rollout.obs.data(), rollout.rows());
  if (rollout.action_size == 0)
    bindings_.index("action", rollout.index.data());
  else
    bindings_.input("action", rollout.action.data(), rollout.rows());
  weight_.resize(static_cast<std::size_t>(rollout.rows()));
  products_.resize(rows_.size());
  bindings_.input("weight", weight_.data(), rollout.rows());
}

void EmpiricalFisher::operator()(const double* v, double* out, int threads) {
  bindings_.parameters(agent_->parameters().data());
  std::fill(weight_.begin(), weight_.end(), 1.0);
  workspace_.run(bindings_, Sink<double>::dot(v, products_.data()), {.threads = threads});
  for (std::size_t i = 0; i < rows_.size(); ++i)
    weight_[static_cast<std::size_t>(rows_[i])] = products_[i] * static_cast<double>(rows_.size());
  workspace_.run(bindings_, Sink<double>::sum(out), {.threads = threads});
}

NaturalGradient natural_gradient(const LinearMap<double>& fisher, const std::vector<double>& gradient, double damping,
                                 const ConjugateGradientsOptions& options) {
  const LinearMap<double> damped = [&](const double* v, double* out) {
    fisher(v, out);
    for (std::size_t i = 0; i < gradient.size(); ++i) out[i] += damping * v[i];
  };
  NaturalGradient result;
  result.solved = conjugate_gradients(damped, gradient, result.direction, options);
  result.cosine = inner_product(gradient, result.direction) /
                  std::sqrt(inner_product(gradient, gradient) * inner_product(result.direction, result.direction));
  result.degrees = std::acos(std::clamp(result.cosine, -1.0, 1.0)) * 180 / std::numbers::pi;
  return result;
}

Spectrum lanczos(const LinearMap<double>& a, int size, const LanczosOptions& options) {
  require(size > 0 && options.steps > 0, "lanczos", "no vector, or no step", "give a size and steps of at least 1");
  const auto n = static_cast<Eigen::Index>(size);
  const Eigen::Index most = std::min<Eigen::Index>(n, options.steps);
  Eigen::MatrixXd basis(n, most);
  Eigen::VectorXd diagonal(most), beside(most), w(n);
  const Random random(options.seed, Purpose::test);
  for (Eigen::Index i = 0; i < n; ++i) w[i] = random.normal<double>(0, static_cast<std::uint64_t>(i));
  basis.col(0) = w / w.norm();
  Eigen::Index k = 0;
  double next = 0, largest = 0;
  for (; k < most; ++k) {
    a(basis.col(k).data(), w.data());
    diagonal[k] = basis.col(k).dot(w);
    for (int pass = 0; pass < 2; ++pass) {
      const Eigen::VectorXd parts = basis.leftCols(k + 1).transpose() * w;
      w -= basis.leftCols(k + 1) * parts;
    }
    next = w.norm();
    beside[k] = next;
    largest = std::max({largest, std::abs(diagonal[k]), next});
    constexpr double rounding = 1e-13;
    if (k + 1 == most || !(next > rounding * largest)) {
      ++k;
      break;
    }
    basis.col(k + 1) = w / next;
  }
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(diagonal.head(k), beside.head(k - 1));
  Spectrum spectrum;
  for (Eigen::Index i = k - 1; i >= 0; --i) {
    const Eigen::VectorXd vector = basis.leftCols(k) * solver.eigenvectors().col(i);
    spectrum.values.push_back(solver.eigenvalues()[i]);
    spectrum.vectors.emplace_back(vector.data(), vector.data() + n);
    spectrum.residuals.push_back(next * std::abs(solver.eigenvectors()(k - 1, i)));
  }
  return spectrum;
}

std::vector<double> dense(const LinearMap<double>& a, int size) {
  const auto n = static_cast<std::size_t>(size);
  std::vector<double> unit(n), matrix(n * n), column(n);
  for (std::size_t j = 0; j < n; ++j) {
    unit[j] = 1;
    a(unit.data(), column.data());
    unit[j] = 0;
    for (std::size_t i = 0; i < n; ++i) matrix[i * n + j] = column[i];
  }
  return matrix;
}

}  // namespace pigrad
