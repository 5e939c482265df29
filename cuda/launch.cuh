#pragma once
#include "check.cuh"

namespace pigrad {

template <class F>
__global__ void each_index(long long count, F f) {
  const long long stride = static_cast<long long>(gridDim.x) * blockDim.x;
  for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) f(i);
}

/// Calls f(i) on the device for each i in [0, count), each by one thread, in any order. `f` is a plain struct with a
/// __device__ call operator. Returns before the kernel has run; throws Error, naming `where`, if it cannot start.
template <class F>
void for_each_index(const char* where, long long count, const F& f) {
  if (count <= 0) return;
  constexpr long long threads = 256, most_blocks = 65535;
  const long long blocks = (count + threads - 1) / threads;
  each_index<<<static_cast<unsigned>(blocks < most_blocks ? blocks : most_blocks), static_cast<unsigned>(threads)>>>(
      count, f);
  check_cuda(cudaGetLastError(), where);
}

}  // namespace pigrad
