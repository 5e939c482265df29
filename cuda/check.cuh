#pragma once
#include <cuda_runtime_api.h>

#include "../core/error.hpp"

namespace pigrad {

/// Throws Error with CUDA's words unless the call succeeded.
inline void check_cuda(cudaError_t status, const char* where) {
  if (status == cudaSuccess) return;
  throw Error(where, std::string(cudaGetErrorName(status)) + ", " + cudaGetErrorString(status),
              "see that nvidia-smi lists a device with memory to spare, and run under compute-sanitizer");
}

}  // namespace pigrad
