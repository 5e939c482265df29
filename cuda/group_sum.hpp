#pragma once
#include "device.hpp"
#include "device_group.hpp"

namespace pigrad {

/// Sums over a group's ranks, by the tree of their numbers (rank r takes in r + 1, 2, 4, …): the same bits on every
/// rank, whatever way the pieces came.
template <class T>
class DeviceGroupSum {
 public:
  /// @param places of the scalars of `scattered` that are summed with a vector of `most` scalars
  DeviceGroupSum(DeviceGroup& group, int most, const std::vector<std::int32_t>& places);
  static std::size_t bytes(int ranks, int most, std::size_t places);

  /// vector[i], i in [0, size), and scattered[places[j]] become sums over the ranks. All in device memory.
  void run(T* vector, int size, T* scattered);

 private:
  DeviceGroup* group_;
  DeviceArray<std::int32_t> places_;
  DeviceArray<T> piece_, all_;
};

extern template class DeviceGroupSum<float>;
extern template class DeviceGroupSum<double>;

}  // namespace pigrad
