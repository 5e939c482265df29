#include <Eigen/Core>
#include <memory>
#include <random>

#include "measure.hpp"

namespace {

using Eigen::Dynamic;

/// Forward and backward of the A2C loss of a 4-64-64-2 tanh policy and a 4-64-64-1 tanh value function on plain Eigen
/// products, block of rows by block of rows. Order is the storage of every batch matrix [rows × features]: RowMajor
/// keeps a sample's features together, ColMajor is the panel, samples together. Weights are row-major, as PyTorch's.
template <class T, int order>
class Update {
  using Batch = Eigen::Matrix<T, Dynamic, Dynamic, order>;
  using Weight = Eigen::Matrix<T, Dynamic, Dynamic, Eigen::RowMajor>;
  using Row = Eigen::Matrix<T, 1, Dynamic>;

  struct Net {
    Weight w[3], w_bar[3];
    Row b[3], b_bar[3];
    Batch y[3], y_bar[3];
  };

 public:
  Update(int rows, int block)
      : rows_(rows), block_(std::min(rows, block)), x_(rows, 4), advantage_(rows), target_(rows) {
    std::mt19937 generator(1);
    std::uniform_real_distribution<double> uniform(-1, 1);
    const auto fill = [&](auto& m, double size) {
      for (int i = 0; i < m.rows(); ++i)
        for (int j = 0; j < m.cols(); ++j) m(i, j) = static_cast<T>(size * uniform(generator));
    };
    fill(x_, 1), fill(advantage_, 0.2), fill(target_, 0.2);
    for (int n = 0; n < 2; ++n) {
      const int sizes[] = {4, 64, 64, n == 0 ? 2 : 1};
      for (int l = 0; l < 3; ++l) {
        net_[n].w[l].resize(sizes[l + 1], sizes[l]), fill(net_[n].w[l], 0.2);
        net_[n].b[l].resize(sizes[l + 1]), fill(net_[n].b[l], 0.2);
        net_[n].w_bar[l].resize(sizes[l + 1], sizes[l]);
        net_[n].b_bar[l].resize(sizes[l + 1]);
        net_[n].y[l].resize(block_, sizes[l + 1]);
        net_[n].y_bar[l].resize(block_, sizes[l + 1]);
      }
    }
  }

  void run() {
    for (Net& net : net_)
      for (int l = 0; l < 3; ++l) net.w_bar[l].setZero(), net.b_bar[l].setZero();
    for (int begin = 0; begin < rows_; begin += block_) {
      const int count = std::min(block_, rows_ - begin);
      in_ = x_.middleRows(begin, count);
      for (Net& net : net_) forward(net, count);
      loss(begin, count);
      for (Net& net : net_) backward(net, count);
    }
  }

  double gradient_sum() const {
    double sum = 0;
    for (const Net& net : net_)
      for (int l = 0; l < 3; ++l) sum += static_cast<double>(net.w_bar[l].squaredNorm() + net.b_bar[l].squaredNorm());
    return sum;
  }

 private:
  void forward(Net& net, int count) {
    for (int l = 0; l < 3; ++l) {
      auto y = net.y[l].topRows(count);
      if (l == 0)
        y.noalias() = in_ * net.w[l].transpose();
      else
        y.noalias() = net.y[l - 1].topRows(count) * net.w[l].transpose();
      y.rowwise() += net.b[l];
      if (l < 2) y.array() = T(1) - T(2) / ((T(2) * y.array()).exp() + T(1));
    }
  }

  void loss(int begin, int count) {
    const T share = T(1) / static_cast<T>(rows_);
    const auto logits = net_[0].y[2].topRows(count);
    auto logits_bar = net_[0].y_bar[2].topRows(count);
    for (int r = 0; r < count; ++r) {
      const T top = std::max(logits(r, 0), logits(r, 1));
      const T log_sum = top + std::log(std::exp(logits(r, 0) - top) + std::exp(logits(r, 1) - top));
      const T lp[] = {logits(r, 0) - log_sum, logits(r, 1) - log_sum}, p[] = {std::exp(lp[0]), std::exp(lp[1])};
      const T entropy = -(p[0] * lp[0] + p[1] * lp[1]);
      for (int c = 0; c < 2; ++c)
        logits_bar(r, c) =
            share * (advantage_[begin + r] * (p[c] - (r % 2 == c ? T(1) : T(0))) + T(0.01) * p[c] * (lp[c] + entropy));
    }
    net_[1].y_bar[2].topRows(count) = share * (net_[1].y[2].topRows(count) - target_.segment(begin, count));
  }

  void backward(Net& net, int count) {
    for (int l = 2; l >= 0; --l) {
      auto y_bar = net.y_bar[l].topRows(count);
      net.b_bar[l] += y_bar.colwise().sum();
      if (l == 0) {
        net.w_bar[0].noalias() += y_bar.transpose() * in_;
        break;
      }
      auto x = net.y[l - 1].topRows(count);
      auto x_bar = net.y_bar[l - 1].topRows(count);
      net.w_bar[l].noalias() += y_bar.transpose() * x;
      x_bar.noalias() = y_bar * net.w[l];
      x_bar.array() *= T(1) - x.array().square();
    }
  }

  int rows_, block_;
  Batch x_, in_;
  Eigen::Matrix<T, Dynamic, 1> advantage_, target_;
  Net net_[2];
};

template <class T, int order>
pigrad::bench::Contender contender(int rows, int block, double& sum) {
  auto update = std::make_shared<Update<T, order>>(rows, block);
  update->run();
  sum = update->gradient_sum();
  const std::string name = order == Eigen::RowMajor ? "row-major" : "panel";
  return {name + (block >= rows ? " whole" : " " + std::to_string(block)), [update] { update->run(); }};
}

template <class T>
void compare(int rows) {
  std::vector<pigrad::bench::Contender> contenders;
  double first = 0, sum = 0;
  for (const int block : {32, 64, 96, 128, 192, 256, rows}) {
    if (block > rows || (block == rows && !contenders.empty() && contenders.back().name == "panel whole")) continue;
    contenders.push_back(contender<T, Eigen::RowMajor>(rows, block, sum));
    if (first == 0) first = sum;
    contenders.push_back(contender<T, Eigen::ColMajor>(rows, block, sum));
    if (!(std::abs(sum - first) <= 1e-3 * first)) std::printf("! gradients differ: %g and %g\n", sum, first);
  }
  const auto timings = pigrad::bench::interleaved(contenders, 9, 0.01);
  std::printf("%s, batch %d: us an update\n", sizeof(T) == 4 ? "float" : "double", rows);
  for (std::size_t i = 0; i < contenders.size(); ++i)
    std::printf("  %-16s %9.1f (%.1f to %.1f)\n", contenders[i].name.c_str(), timings[i].median * 1e6,
                timings[i].low * 1e6, timings[i].high * 1e6);
}

}  // namespace

/// layout: the same update on row-major batches and on panels, whole and in blocks of rows. Thread time.
int main(int argc, char** argv) {
  pigrad::bench::print_head(argc, argv);
  std::printf("# Eigen %d.%d.%d, %s\n", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION,
              Eigen::SimdInstructionSetsInUse());
  for (const int rows : {64, 400, 2048}) {
    compare<float>(rows);
    compare<double>(rows);
  }
}
