#pragma once
#if defined(__CUDACC__)
#include "check.cuh"
#endif
#if !defined(__CUDA_ARCH__)
#include <functional>
#include <memory>
#include <vector>
#endif

#include <cstddef>

#include "../core/macros.hpp"

namespace pigrad {

/// One block of threads on the device, or the same as loops on the host. A kernel's text is the same for both: what
/// stands in one each() may run in any order, or at once; what one each() wrote the next one reads.
class Block {
 public:
  PIGRAD_HD Block(long long index, int threads, char* shared) : index_(index), threads_(threads), shared_(shared) {}
  PIGRAD_HD long long index() const { return index_; }
  PIGRAD_HD int threads() const { return threads_; }
  /// Memory of the block, of the size asked for at the launch, 16-byte aligned, not cleared.
  template <class T>
  PIGRAD_HD T* shared(std::size_t offset_bytes = 0) const {
    return reinterpret_cast<T*>(shared_ + offset_bytes);
  }
  /// body(thread) for every thread, then a barrier.
  template <class Body>
  PIGRAD_HD void each(const Body& body) const {
#if defined(__CUDA_ARCH__)
    body(static_cast<int>(threadIdx.x));
    __syncthreads();
#else
    if (backwards_)
      for (int t = threads_ - 1; t >= 0; --t) body(t);
    else
      for (int t = 0; t < threads_; ++t) body(t);
#endif
  }
#if !defined(__CUDA_ARCH__)
  /// Threads in the other order: what comes out differs where a barrier is missing.
  void run_backwards() { backwards_ = true; }
#endif

 private:
  long long index_;
  int threads_;
  char* shared_;
#if !defined(__CUDA_ARCH__)
  bool backwards_ = false;
#endif
};

/// A variable that each thread of a block has for itself and keeps from one each() to the next.
template <class V>
class PerThread {
 public:
#if defined(__CUDA_ARCH__)
  __device__ explicit PerThread(const Block&) : value_() {}
  __device__ V& operator[](int) { return value_; }

 private:
  V value_;
#else
  explicit PerThread(const Block& block) : values_(new V[static_cast<std::size_t>(block.threads())]()) {}
  V& operator[](int thread) { return values_[static_cast<std::size_t>(thread)]; }

 private:
  std::unique_ptr<V[]> values_;
#endif
};

#if defined(__CUDACC__)
template <class F>
__global__ void each_index(long long count, F f) {
  const long long stride = static_cast<long long>(gridDim.x) * blockDim.x;
  for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) f(i);
}

template <class F>
__global__ void each_block(F f) {
  extern __shared__ __align__(16) char shared[];
  f(Block(blockIdx.x, static_cast<int>(blockDim.x), shared));
}
#endif

#if !defined(__CUDACC__)
namespace detail {
/// The stream of what stands in a device's place: runs the work, or, while a DeviceGraph is recorded, keeps it for it.
void run_in_place_of_device(std::function<void()> work);
}  // namespace detail
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
  each_index<<<static_cast<unsigned>(blocks < most_blocks ? blocks : most_blocks), static_cast<unsigned>(threads), 0,
               device_stream()>>>(count, f);
  check_cuda(cudaGetLastError(), where);
#else
  detail::run_in_place_of_device([=] {
    for (long long i = 0; i < count; ++i) f(i);
  });
#endif
}

/// Calls f(block) for `blocks` blocks of `threads` threads and `shared_bytes` of memory each, in any order, as above.
/// The plain compiler runs every block's threads one after another, and those of every other block from last to first.
template <class F>
void for_each_block([[maybe_unused]] const char* where, long long blocks, int threads, std::size_t shared_bytes,
                    const F& f) {
  if (blocks <= 0) return;
#if defined(__CUDACC__)
  constexpr std::size_t without_asking = 48 * 1024;
  if (shared_bytes > without_asking)
    check_cuda(cudaFuncSetAttribute(each_block<F>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(shared_bytes)),
               where);
  each_block<<<static_cast<unsigned>(blocks), static_cast<unsigned>(threads), shared_bytes, device_stream()>>>(f);
  check_cuda(cudaGetLastError(), where);
#else
  detail::run_in_place_of_device([=] {
    struct alignas(16) Chunk {
      char bytes[16];
    };
    std::vector<Chunk> shared((shared_bytes + sizeof(Chunk) - 1) / sizeof(Chunk) + 1);
    for (long long b = 0; b < blocks; ++b) {
      Block block(b, threads, shared.front().bytes);
      if (b % 2 == 1) block.run_backwards();
      f(block);
    }
  });
#endif
}

}  // namespace pigrad
