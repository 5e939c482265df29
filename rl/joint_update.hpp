#pragma once
#include <array>
#include <vector>

#include "algorithm.hpp"

namespace pigrad {

/// How rows are cut into minibatches: `size` rows each (0: all of them), the last with what is left. With no_single,
/// one row that would be left over, which has no deviation, joins the minibatch before it.
class Minibatches {
 public:
  Minibatches(int rows, int size, bool no_single) : rows_(rows), size_(size > 0 && size < rows ? size : rows) {
    count_ = (rows_ + size_ - 1) / size_;
    if (no_single && count_ > 1 && rows_ % size_ == 1) --count_;
  }
  int count() const { return count_; }
  int begin(int i) const { return i * size_; }
  int size(int i) const { return i + 1 == count_ ? rows_ - begin(i) : size_; }

 private:
  int rows_, size_, count_ = 0;
};

/// Metrics of an update in Stable-Baselines3's names: losses are means over its minibatches, each before its step.
/// What it notes and writes of has output(name), has_output(name), grad_norm() and learning_rate(): a JointLearner
/// after a run, or on a device the record of one.
class JointReport {
 public:
  explicit JointReport(bool clipped) : clipped_(clipped), sums_(clipped ? names.size() : unclipped) {}

  template <class Run>
  void note(const Run& run) {
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += run.output(names[i]);
    ++count_;
  }
  /// What an update knows besides.
  struct Rest {
    double loss = 0;       ///< of the last minibatch
    double explained = 0;  ///< variance of the returns by V before the update
    std::int64_t updates = 0;
    double clip_range = 0;  ///< where the surrogate is clipped
  };
  template <class Run>
  void write(const Run& last, const Rest& rest, Metrics& metrics) const {
    metrics.emplace_back("train/loss", rest.loss);
    metrics.emplace_back("train/policy_gradient_loss", mean(0));
    metrics.emplace_back("train/value_loss", mean(1));
    metrics.emplace_back("train/entropy_loss", -mean(2));
    if (last.has_output("std")) metrics.emplace_back("train/std", last.output("std"));
    metrics.emplace_back("train/grad_norm", last.grad_norm());
    metrics.emplace_back("train/learning_rate", last.learning_rate());
    if (clipped_) {
      metrics.emplace_back("train/approx_kl", mean(3));
      metrics.emplace_back("train/clip_fraction", mean(4));
      metrics.emplace_back("train/clip_range", rest.clip_range);
    }
    metrics.emplace_back("train/explained_variance", rest.explained);
    metrics.emplace_back("train/n_updates", static_cast<double>(rest.updates));
  }

 private:
  static constexpr std::array<const char*, 5> names = {"policy", "value", "entropy", "approx_kl", "clip_fraction"};
  static constexpr std::size_t unclipped = 3;
  double mean(std::size_t i) const { return sums_[i] / count_; }

  bool clipped_;
  std::vector<double> sums_;
  int count_ = 0;
};

}  // namespace pigrad
