#pragma once

/// Marks a function that a CUDA kernel may call as well: element-wise functors, environment dynamics, random numbers.
#if defined(__CUDACC__)
#define PIGRAD_HD __host__ __device__
#else
#define PIGRAD_HD
#endif
