#pragma once

/// Marks a function that a CUDA kernel may call as well: element-wise functors, environment dynamics, random numbers.
#if defined(__CUDACC__)
#define PIGRAD_HD __host__ __device__
#else
#define PIGRAD_HD
#endif

/// Marks a short function that loops are vectorised over: a call there would end the vector.
#if defined(__GNUC__)
#define PIGRAD_ALWAYS_INLINE [[gnu::always_inline]]
#elif defined(_MSC_VER)
#define PIGRAD_ALWAYS_INLINE [[msvc::forceinline]]
#else
#define PIGRAD_ALWAYS_INLINE
#endif

/// std::bit_cast where a CUDA kernel may call it too: g++ 11, clang 9, MSVC 19.27 and nvcc all have the built-in.
#define PIGRAD_BIT_CAST(To, from) __builtin_bit_cast(To, from)
