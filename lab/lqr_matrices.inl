#pragma once
#include <Eigen/Core>
#include <cmath>
#include <vector>

#include "../core/error.hpp"
#include "lqr.hpp"

namespace pigrad::lab {

using LqrMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline LqrMatrix lqr_matrix(const std::vector<double>& values, int rows, int columns) {
  return Eigen::Map<const LqrMatrix>(values.data(), rows, columns);
}

/// A problem and a policy as matrices, for .cpp files.
struct LqrParts {
  LqrMatrix a, b, q, r, k, start;
  LqrMatrix closed;  ///< A + BK
  LqrMatrix spread;  ///< diag σ²
  LqrMatrix driven;  ///< W + B diag σ² Bᵀ: what noise and exploration add to a state

  LqrParts(const LqrProblem& p, const LqrPolicy& policy)
      : a(lqr_matrix(p.a, p.states, p.states)),
        b(lqr_matrix(p.b, p.states, p.inputs)),
        q(lqr_matrix(p.q, p.states, p.states)),
        r(lqr_matrix(p.r, p.inputs, p.inputs)),
        start(lqr_matrix(p.start, p.states, p.states)) {
    if (policy.gain.size() != static_cast<std::size_t>(p.inputs * p.states) ||
        policy.log_std.size() != static_cast<std::size_t>(p.inputs))
      throw Error("lqr policy", "it is not of this problem's states and inputs", "give a gain [m×n] and log_std [m]");
    k = lqr_matrix(policy.gain, p.inputs, p.states);
    closed = a + b * k;
    spread = LqrMatrix::Zero(p.inputs, p.inputs);
    for (int j = 0; j < p.inputs; ++j) spread(j, j) = std::exp(2 * policy.log_std[static_cast<std::size_t>(j)]);
    driven = lqr_matrix(p.noise, p.states, p.states) + b * spread * b.transpose();
  }
};

}  // namespace pigrad::lab
