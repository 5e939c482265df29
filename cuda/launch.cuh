#pragma once
#if defined(__CUDACC__)
#include "check.cuh"
#endif

namespace pigrad {

#if defined(__CUDACC__)
template <class F>
__global__ void each_index(long long count, F f) {
  const long long stride = static_cast<long long>(gridDim.x) * blockDim.x;
  for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) f(i);
}
#endif

/// Calls f(i) on the device for each i in [0, count), each by one thread, in any order. `f` is a plain struct whose
/// call operator is PIGRAD_HD. Returns before the kernel has run; throws Error, naming `where`, if it cannot start. A
/// plain C++ compiler makes a loop of it: by that the tests judge every functor's arithmetic, strides and sums where
/// there is no device.
template <class F>
void for_each_index([[maybe_unused]] const char* where, long long count, const F& f) {
  if (count <= 0) return;
#if defined(__CUDACC__)
  constexpr long long threads = 256, most_blocks = 65535;
  const long long blocks = (count + threads - 1) / threads;
  each_index<<<static_cast<unsigned>(blocks < most_blocks ? blocks : most_blocks), static_cast<unsigned>(threads)>>>(
      count, f);
  check_cuda(cudaGetLastError(), where);
#else
  for (long long i = 0; i < count; ++i) f(i);
#endif
}

}  // namespace pigrad
