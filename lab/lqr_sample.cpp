#include <Eigen/Dense>
#include <algorithm>

#include "../core/ops.hpp"
#include "../core/random.hpp"
#include "../core/workspace.hpp"
#include "../nn/distribution.hpp"
#include "../rl/returns.hpp"
#include "lqr.hpp"
#include "lqr_matrices.inl"

namespace pigrad::lab {
namespace {

/// ln π(u|x) of a linear-Gaussian policy on a tape.
class Score {
 public:
  Score(const LqrProblem& problem, const LqrPolicy& policy)
      : distribution_(make_distribution({.name = "gaussian", .spread = "learned"}, problem.inputs, false, "lqr")),
        layout_([&] {
          ParameterLayout layout;
          layout.add("gain", problem.inputs, problem.states);
          distribution_->add_parameters(layout, "policy");
          return layout;
        }()),
        program_([&] {
          Tape tape(layout_);
          const Tensor zero =
              tape.constant(1, problem.inputs, std::vector<double>(static_cast<std::size_t>(problem.inputs), 0.0));
          const Tensor mean = affine(tape.input("state", problem.states), tape.parameter("gain"), zero);
          return tape.program(sum(distribution_->log_prob(mean, distribution_->action_input(tape, "input"))));
        }()),
        workspace_(program_),
        bindings_(program_),
        parameters_(policy.gain),
        states_(problem.states),
        inputs_(problem.inputs) {
    parameters_.insert(parameters_.end(), policy.log_std.begin(), policy.log_std.end());
    bindings_.parameters(parameters_.data());
  }

  /// ∇ ln π of each row [rows×P] from states [rows×n] and inputs [rows×m].
  void operator()(int rows, const double* state, const double* input, std::vector<double>& out) {
    out.resize(static_cast<std::size_t>(rows) * parameters_.size());
    bindings_.input("state", state, 1, states_);
    bindings_.input("input", input, 1, inputs_);
    bindings_.rows(rows);
    workspace_.run(bindings_, Sink<double>::rows(out.data()));
  }
  std::size_t size() const { return parameters_.size(); }

 private:
  std::unique_ptr<Distribution> distribution_;
  ParameterLayout layout_;
  Program program_;
  Workspace<double> workspace_;
  Bindings<double> bindings_;
  std::vector<double> parameters_;
  int states_, inputs_;
};

// S with S Sᵀ = M, M positive semidefinite.
LqrMatrix root(const LqrMatrix& m) {
  const Eigen::SelfAdjointEigenSolver<LqrMatrix> eigen(m);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

// What V_t(x) = −xᵀP_t x − c_t is at each t: P_t and c_t.
struct Values {
  std::vector<LqrMatrix> p;
  std::vector<double> constant;
};

Values values(const LqrProblem& problem, const LqrParts& parts, int steps) {
  const double g = problem.gamma;
  const LqrMatrix step_cost = parts.q + parts.k.transpose() * parts.r * parts.k;
  const auto count = static_cast<std::size_t>(steps);
  Values out{std::vector<LqrMatrix>(count + 1, LqrMatrix::Zero(problem.states, problem.states)),
             std::vector<double>(count + 1, 0)};
  for (std::size_t t = count; t-- > 0;) {
    out.p[t] = step_cost + g * parts.closed.transpose() * out.p[t + 1] * parts.closed;
    out.constant[t] =
        (parts.r * parts.spread).trace() + g * ((out.p[t + 1] * parts.driven).trace() + out.constant[t + 1]);
  }
  return out;
}

}  // namespace

std::vector<double> lqr_gradients(const LqrProblem& problem, const LqrPolicy& policy, const LqrSampleOptions& options) {
  problem.check();
  const LqrParts parts(problem, policy);
  const int steps = problem.horizon > 0 ? problem.horizon : options.steps, n = problem.states, m = problem.inputs;
  if (steps < 1 || options.count < 1)
    throw Error("lqr gradients", "there are no steps or episodes", "give at least one of each");
  const LqrMatrix start = root(parts.start), noise = root(lqr_matrix(problem.noise, n, n));
  const Values v = values(problem, parts, steps);
  const Random resets(options.seed, Purpose::reset), actions(options.seed, Purpose::action),
      dynamics(options.seed, Purpose::dynamics);
  Score score(problem, policy);
  std::vector<double> out(static_cast<std::size_t>(options.count) * score.size()), scores;
  const auto rows = static_cast<std::size_t>(steps);
  std::vector<double> xs(rows * static_cast<std::size_t>(n)), us(rows * static_cast<std::size_t>(m)), reward(rows),
      to_go(rows);
  const std::vector<std::uint8_t> never(rows, 0);
  for (int i = 0; i < options.count; ++i) {
    const auto stream = static_cast<std::uint32_t>(i);
    const auto normals = [&](const Random& random, int count, std::uint64_t first) {
      Eigen::VectorXd z(count);
      for (int k = 0; k < count; ++k) z(k) = random.normal<double>(stream, first + static_cast<std::uint64_t>(k));
      return z;
    };
    Eigen::VectorXd x = start * normals(resets, n, 0);
    for (int t = 0; t < steps; ++t) {
      const auto first = static_cast<std::uint64_t>(t);
      const Eigen::VectorXd u = parts.k * x + parts.spread.diagonal().cwiseSqrt().cwiseProduct(
                                                  normals(actions, m, first * static_cast<std::uint64_t>(m)));
      std::copy_n(x.data(), n, xs.begin() + t * n), std::copy_n(u.data(), m, us.begin() + t * m);
      reward[static_cast<std::size_t>(t)] = -(x.dot(parts.q * x) + u.dot(parts.r * u));
      x = (parts.a * x + parts.b * u + noise * normals(dynamics, n, first * static_cast<std::uint64_t>(n))).eval();
    }
    return_to_go<double>({steps, 1, reward.data(), never.data(), never.data(), nullptr}, problem.gamma, nullptr,
                         to_go.data());
    score(steps, xs.data(), us.data(), scores);
    double weight = 1;
    for (std::size_t t = 0; t < rows; ++t, weight *= problem.gamma) {
      const Eigen::Map<const Eigen::VectorXd> at(xs.data() + t * static_cast<std::size_t>(n), n);
      const double value = options.baseline ? -(at.dot(v.p[t] * at) + v.constant[t]) : 0;
      for (std::size_t k = 0; k < score.size(); ++k)
        out[static_cast<std::size_t>(i) * score.size() + k] +=
            weight * (to_go[t] - value) * scores[t * score.size() + k];
    }
  }
  return out;
}

}  // namespace pigrad::lab
