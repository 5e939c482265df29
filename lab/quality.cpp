#include "quality.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "../core/error.hpp"

namespace pigrad::lab {
namespace {

using Rows = Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>;
using Column = Eigen::Map<const Eigen::VectorXd>;

Eigen::VectorXd mean_of(const Rows& rows) {
  // About the first row: equal rows then have exactly their own mean.
  const Eigen::RowVectorXd first = rows.row(0);
  return (first + (rows.rowwise() - first).colwise().mean()).transpose();
}

Eigen::MatrixXd covariance(const Rows& rows, const Eigen::VectorXd& mean) {
  const Eigen::MatrixXd centred = rows.rowwise() - mean.transpose();
  return centred.transpose() * centred / static_cast<double>(rows.rows() - 1);
}

struct Test {
  double p;
  int rank;
};

// T² of a difference whose covariance is given.
Test hotelling(const Eigen::VectorXd& difference, const Eigen::MatrixXd& of_difference, double scale) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(of_difference);
  const double largest = std::max(eigen.eigenvalues().maxCoeff(), 0.0);
  double t2 = 0, outside = 0;
  int rank = 0;
  for (Eigen::Index k = 0; k < eigen.eigenvalues().size(); ++k) {
    const double along = eigen.eigenvectors().col(k).dot(difference), width = eigen.eigenvalues()(k);
    if (width > 1e-10 * largest && width > 1e-26 * scale * scale)
      t2 += along * along / width, ++rank;
    else
      outside += along * along;
  }
  if (std::sqrt(outside) > 1e-9 * scale) return {0, rank};
  return {rank == 0 ? 1 : chi_squared_tail(t2, rank), rank};
}

Rows rows_of(const std::vector<double>& gradients, std::size_t parameters) {
  const auto width = static_cast<Eigen::Index>(parameters);
  const Rows rows(gradients.data(), static_cast<Eigen::Index>(gradients.size()) / width, width);
  if (rows.rows() < 2) throw Error("quality", "there are fewer than two gradients", "give more");
  return rows;
}

}  // namespace

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}
double norm(const std::vector<double>& a) { return std::sqrt(dot(a, a)); }
double cosine(const std::vector<double>& a, const std::vector<double>& b) { return dot(a, b) / (norm(a) * norm(b)); }
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  return (Column(a.data(), static_cast<Eigen::Index>(a.size())) - Column(b.data(), static_cast<Eigen::Index>(b.size())))
      .norm();
}

Quality measure(const std::vector<double>& gradients, const std::vector<double>& truth, double confidence) {
  const Rows rows = rows_of(gradients, truth.size());
  const Column exact(truth.data(), static_cast<Eigen::Index>(truth.size()));
  const auto n = static_cast<double>(rows.rows());
  const Eigen::VectorXd mean = mean_of(rows), off = mean - exact;
  const Eigen::MatrixXd sigma = covariance(rows, mean);
  Quality out;
  out.count = static_cast<int>(rows.rows());
  out.mean.assign(mean.data(), mean.data() + mean.size());
  std::vector<double> spread, error, along;
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    spread.push_back((rows.row(i).transpose() - mean).squaredNorm() * n / (n - 1));
    error.push_back((rows.row(i).transpose() - exact).squaredNorm());
    along.push_back(rows.row(i).dot(exact.transpose()) / exact.squaredNorm());
  }
  out.variance = mean_interval(spread, confidence);
  out.error = mean_interval(error, confidence);
  out.length = mean_interval(along, confidence);
  const double trace = sigma.trace(), squares = sigma.squaredNorm();
  const double reach =
      trace > 0 ? std::sqrt(squares / trace / n * chi_squared_quantile(confidence, trace * trace / squares)) : 0;
  out.bias = {off.norm(), std::max(off.norm() - reach, 0.0), off.norm() + reach};
  const Test test = hotelling(off, sigma / n, std::max(exact.norm(), mean.norm()));
  const bool enough = rows.rows() > rows.cols();
  out.unbiased_p = enough ? test.p : std::numeric_limits<double>::quiet_NaN();
  out.rank = test.rank;
  const double length = mean.norm(), c = mean.dot(exact) / (length * exact.norm());
  const Eigen::VectorXd slope = (exact / exact.norm() - c * mean / length) / length;
  out.cosine = delta_interval(c, {slope.data(), slope.data() + slope.size()}, gradients, confidence);
  return out;
}

double equal_means_p(const std::vector<double>& a, const std::vector<double>& b, int parameters) {
  const Rows first = rows_of(a, static_cast<std::size_t>(parameters));
  const Rows second = rows_of(b, static_cast<std::size_t>(parameters));
  const Eigen::VectorXd m1 = mean_of(first), m2 = mean_of(second);
  const Eigen::MatrixXd sum = covariance(first, m1) / static_cast<double>(first.rows()) +
                              covariance(second, m2) / static_cast<double>(second.rows());
  return hotelling(m1 - m2, sum, std::max(m1.norm(), m2.norm())).p;
}

namespace {

// Mean over disjoint groups of f(the group's mean).
template <class F>
Interval over_groups(const Rows& rows, int size, double confidence, F&& f) {
  if (size < 1 || rows.rows() < 2 * size)
    throw Error("quality", "groups of " + std::to_string(size) + " of " + std::to_string(rows.rows()) + " gradients",
                "take groups of at most half of them");
  std::vector<double> found;
  for (Eigen::Index begin = 0; begin + size <= rows.rows(); begin += size)
    found.push_back(f(Eigen::VectorXd(rows.middleRows(begin, size).colwise().mean().transpose())));
  return mean_interval(found, confidence);
}

}  // namespace

Interval cosine_of_groups(const std::vector<double>& gradients, const std::vector<double>& truth, int size,
                          double confidence) {
  const Column exact(truth.data(), static_cast<Eigen::Index>(truth.size()));
  return over_groups(rows_of(gradients, truth.size()), size, confidence, [&](const Eigen::VectorXd& mean) {
    const double length = mean.norm() * exact.norm();
    return length > 0 ? mean.dot(exact) / length : 0;
  });
}

Interval error_of_groups(const std::vector<double>& gradients, const std::vector<double>& truth, int size,
                         double confidence) {
  const Column exact(truth.data(), static_cast<Eigen::Index>(truth.size()));
  return over_groups(rows_of(gradients, truth.size()), size, confidence,
                     [&](const Eigen::VectorXd& mean) { return (mean - exact).squaredNorm(); });
}

}  // namespace pigrad::lab
