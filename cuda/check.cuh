#pragma once
#include <cuda_runtime_api.h>

#include "../core/error.hpp"

namespace pigrad {

/// Throws Error with CUDA's words unless the call succeeded.
inline void check_cuda(cudaError_t status, const char* where) {
  if (status == cudaSuccess) return;
  const char* const cure = status == cudaErrorMemoryAllocation
                               ? "see that nvidia-smi lists a device with memory to spare"
                           : status == cudaErrorNoKernelImageForDevice
                               ? "build with this device's architecture in CMAKE_CUDA_ARCHITECTURES"
                               : "run under compute-sanitizer with PIGRAD_CUDA_GRAPH=0, which names the kernel";
  throw Error(where, std::string(cudaGetErrorName(status)) + ", " + cudaGetErrorString(status), cure);
}

/// The stream of everything that this thread launches, copies and hands to other libraries. It is a stream by itself,
/// for what threads of theirs do in cudaStreamPerThread they do in another one.
cudaStream_t device_stream();

}  // namespace pigrad
