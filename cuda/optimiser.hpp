#pragma once
#include <string>
#include <vector>

#include "../nn/optimiser.hpp"
#include "device.hpp"

namespace pigrad {

/// What an update's steps found, in device memory.
struct DeviceVerdict {
  double norm[2] = {};      ///< of the gradient over each optimiser's range, before clipping
  double held = 0;          ///< 1: the policy moves no more in this update (ppo.target_kl)
  std::int32_t failed = 0;  ///< 1 from the first loss or gradient that is not finite on: nothing moves any more
};

/// An optimiser of nn/optimiser.hpp whose memory is the device's: the same text for every parameter
/// (core/optimiser_steps.hpp), one thread each.
template <class T>
class DeviceOptimiser {
 public:
  /// @param max_grad_norm clips the range's global norm to this; 0: no clipping
  /// @param which of an update's two it is: the first moves the policy
  DeviceOptimiser(const Optimiser<T>& like, double max_grad_norm, int which);

  void set_learning_rate(double rate) { settings_.learning_rate = rate; }
  double learning_rate() const { return settings_.learning_rate; }
  ParameterRange range() const { return range_; }

  /// Finds the norm of gradient [P] over the range; notes a failure if it, or loss[0], is not finite.
  /// @param scratch [sum_scratch(1)]
  void judge(const T* loss, const T* gradient, DeviceVerdict* verdict, double* scratch) const;
  /// One step down the gradient, clipped, unless the verdict forbids it. Returns before the device is done.
  void step(T* parameters, const T* gradient, const DeviceVerdict* verdict);

  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  /// By the names of Optimiser::state(), in its order.
  struct Array {
    std::string name;
    DeviceArray<T> data;
  };
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
  std::vector<Array> arrays_;
};

/// Holds the policy if kl[0] is above `most`.
template <class T>
void hold_above(const T* kl, double most, DeviceVerdict* verdict);

extern template class DeviceOptimiser<float>;
extern template class DeviceOptimiser<double>;

}  // namespace pigrad
