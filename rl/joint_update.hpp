#pragma once
#include <string>
#include <vector>

#include "algorithm.hpp"
#include "joint_learner.hpp"

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
class JointReport {
 public:
  explicit JointReport(std::vector<const char*> outputs) : names_(std::move(outputs)), sums_(names_.size()) {}

  template <class T>
  void note(const JointLearner<T>& learner) {
    for (std::size_t i = 0; i < names_.size(); ++i) sums_[i] += learner.output(names_[i]);
    ++count_;
  }
  double mean(const std::string& output) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == output) return sums_[i] / count_;
    return 0;
  }
  template <class T>
  void write(JointLearner<T>& learner, Metrics& metrics) const {
    metrics.emplace_back("train/loss", loss);
    metrics.emplace_back("train/policy_gradient_loss", mean("policy"));
    metrics.emplace_back("train/value_loss", mean("value"));
    metrics.emplace_back("train/entropy_loss", -mean("entropy"));
    for (const auto& output : learner.program().outputs())
      if (output.name == "std") metrics.emplace_back("train/std", learner.output("std"));
    metrics.emplace_back("train/grad_norm", learner.grad_norm());
    metrics.emplace_back("train/learning_rate", learner.policy_optimiser().learning_rate());
  }

  double loss = 0;  ///< of the last minibatch

 private:
  std::vector<const char*> names_;
  std::vector<double> sums_;
  int count_ = 0;
};

}  // namespace pigrad
