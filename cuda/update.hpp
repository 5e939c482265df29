#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "../nn/schedule.hpp"
#include "../rl/descent.hpp"
#include "estimates.hpp"
#include "optimiser.hpp"
#include "records.hpp"

namespace pigrad {

/// A Descent on the device: the loss, its gradient, and who moves the parameters.
template <class T>
class DeviceDescent {
 public:
  /// @param descent what it points to outlives this
  /// @param most_rows of a run
  /// @param most_steps of a round
  /// @param first_mover its place in RoundNumbers
  DeviceDescent(const Descent<T>& descent, int most_rows, int most_steps, int first_mover);
  static std::size_t bytes(const Descent<T>& descent, int most_rows, int most_steps, int ranks = 1);

  const Descent<T>& descent() const { return descent_; }
  /// From now on the group's ranks deal its runs' rows among them. A loss that mixes rows each of them runs whole.
  /// @param group outlives the descent
  void share(DeviceGroup& group);
  /// What its loss reads of a rollout: inputs by their names, at rows [begin, begin + count), or those that order
  /// names.
  struct Data {
    const DeviceRollout<T>* rollout = nullptr;
    const DeviceEstimates<T>* estimates = nullptr;
    const T *weight = nullptr, *target = nullptr, *value = nullptr;
  };
  void bind(const T* parameters, const Data& data, const std::int32_t* order, int begin, int count);
  /// A fixed [1×1] input's value, in device memory; one that the loss does not read is passed over.
  void set(const std::string& input, const double* value);
  /// Where such a value lies, null where the loss does not read it.
  T* fixed(const std::string& input);
  /// What its optimisers need of round `round` (a rollout) of `rounds`.
  void plan(int round, int rounds, RoundNumbers& numbers);
  /// The round's work begins, by the numbers in device memory.
  void begin_round(const RoundNumbers* numbers);

  /// The loss of those rows, in a record: loss, then the program's fixed outputs in order, then the optimisers' norms.
  int run(DeviceRecords<T>& records);
  /// The same, and a step of every optimiser down its gradient.
  /// @param most_kl above 0: from an approx_kl beyond it on, this step's included, the policy moves no more
  int step(T* parameters, DeviceVerdict* verdict, double most_kl, double* scratch, DeviceRecords<T>& records);

  /// A record that has been fetched, as metrics read a Learner's run.
  class Run {
   public:
    Run(const DeviceDescent& descent, const DeviceRecords<T>& records, int record)
        : descent_(&descent), records_(&records), record_(record) {}
    double loss() const { return records_->value(record_, 0); }
    bool has_output(const std::string& name) const { return descent_->place(name) >= 0; }
    double output(const std::string& name) const { return records_->value(record_, descent_->place(name)); }
    double grad_norm() const { return after_outputs(0); }
    /// The policy was held before this step.
    bool held() const { return after_outputs(2) > 0; }
    double learning_rate() const { return descent_->optimisers().front().learning_rate(); }

   private:
    double after_outputs(std::size_t i) const {
      return records_->value(record_, static_cast<int>(descent_->outputs_.size() + 1 + i));
    }
    const DeviceDescent* descent_;
    const DeviceRecords<T>* records_;
    int record_;
  };
  std::vector<DeviceOptimiser<T>>& optimisers() { return optimisers_; }
  const std::vector<DeviceOptimiser<T>>& optimisers() const { return optimisers_; }

 private:
  int slot(const std::string& name) const;
  int place(const std::string& output) const;
  std::vector<const T*> numbers() const;

  Descent<T> descent_;
  DeviceWorkspace<T> workspace_;
  DeviceGroup* group_ = nullptr;  ///< null: all rows are this device's
  std::vector<DeviceOptimiser<T>> optimisers_;
  std::vector<Schedule> schedules_;
  DeviceArray<T> gradient_, fixed_;
  int first_mover_;
  std::vector<std::string> outputs_;  ///< of a record, in order
};

extern template class DeviceDescent<float>;
extern template class DeviceDescent<double>;

}  // namespace pigrad
