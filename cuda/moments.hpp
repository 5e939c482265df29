#pragma once
#include <cstdint>

namespace pigrad {

/// Mean and deviation in device memory.
struct DeviceMoments {
  double mean, deviation;
};

/// moments() of values[rows[i]], i in [0, count); rows null: values[i]. Everything in device memory.
/// @param scratch [sum_scratch(1)]
template <class T>
void device_moments(const T* values, const std::int32_t* rows, int count, bool sample, DeviceMoments* out,
                    double* scratch);

}  // namespace pigrad
