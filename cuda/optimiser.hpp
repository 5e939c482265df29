#pragma once
#include <string>
#include <vector>

#include "../nn/optimiser.hpp"
#include "../nn/optimisers/steps.hpp"
#include "device.hpp"
#include "round.hpp"

namespace pigrad {

/// What an update's steps found, in device memory.
struct DeviceVerdict {
  double norm[2] = {};  ///< of the gradient over each optimiser's range, before clipping
  double held = 0;      ///< 1: the policy moves no more in this update (ppo.target_kl)
  double failed = 0;    ///< 1 from the first loss or gradient that is not finite on: nothing moves any more
};

/// The numbers of one step, whichever the optimiser is.
template <class T>
union DeviceStep {
  AdamStep<T> adam;
  RmsPropStep<T> rmsprop;
  SgdStep<T> sgd;
};

/// An optimiser of nn/optimiser.hpp whose memory is the device's: the same text for every parameter
/// (core/optimiser_steps.hpp), one thread each.
template <class T>
class DeviceOptimiser {
 public:
  /// @param max_grad_norm clips the range's global norm to this; 0: no clipping
  /// @param which of an update's two it is: the first moves the policy
  /// @param most_steps of a round
  DeviceOptimiser(const Optimiser<T>& like, double max_grad_norm, int which, int most_steps);
  static std::size_t bytes(const Optimiser<T>& like, int most_steps);

  void set_learning_rate(double rate) { settings_.learning_rate = rate; }
  double learning_rate() const { return settings_.learning_rate; }
  /// Finds the numbers of the round's steps from what lies in device memory.
  void begin_round(const StepNumbers* numbers);
  ParameterRange range() const { return range_; }

  /// Finds the norm of gradient [P] over the range; notes a failure if it, or loss[0], is not finite.
  /// @param scratch [sum_scratch(1)]
  void judge(const T* loss, const T* gradient, DeviceVerdict* verdict, double* scratch) const;
  /// The round's next step down the gradient, clipped, unless the verdict forbids it. Returns before the device is
  /// done. Throws Error where the round has had its steps.
  void step(T* parameters, const T* gradient, const DeviceVerdict* verdict);

  /// Made before this round.
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  /// By the names of Optimiser::state(), in its order.
  struct Array {
    std::string name;
    DeviceArray<T> data;
  };
  /// Steps launched in a round.
  int launched() const { return launched_; }
  /// Of which so many were made.
  void finish_round(int made) { steps_ += made; }
  void finish_round() { finish_round(launched_); }
  std::vector<Array>& state() { return arrays_; }
  const std::vector<Array>& state() const { return arrays_; }
  const OptimiserSettings& settings() const { return settings_; }

 private:
  T* array(std::size_t i) { return arrays_[i].data.data(); }

  OptimiserSettings settings_;
  ParameterRange range_;
  double max_grad_norm_;
  int which_;
  std::int64_t steps_ = 0;
  int launched_ = 0;                    ///< of this round
  DeviceArray<DeviceStep<T>> numbers_;  ///< [most steps of a round]
  std::vector<Array> arrays_;
};

/// Holds the policy if kl[0] is above `most`.
template <class T>
void hold_above(const T* kl, double most, DeviceVerdict* verdict);

extern template class DeviceOptimiser<float>;
extern template class DeviceOptimiser<double>;

}  // namespace pigrad
