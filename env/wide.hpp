#pragma once

// A loop over copies compiled again for wider vectors and chosen at run time: PIGRAD_WIDE_CALL(name, arguments) calls
// name_avx512, name_avx2 or name_plain, of which PIGRAD_WIDE(name, parameters, arguments) makes the first two from an
// always inlined name_plain. The bits are the same: no form fuses a multiplication with an addition. AVX2 is asked for
// without FMA; AVX-512 has it always, so that form is made only where -ffp-contract=off is known (as in this library's
// own files, by PIGRAD_NO_CONTRACTION).

// Not on Windows, where g++ leaves wide variables on the stack misaligned (its bug 54412).
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(__AVX2__) && !defined(_WIN32)
#define PIGRAD_WIDE_AVX2 1
#else
#define PIGRAD_WIDE_AVX2 0
#endif
#if PIGRAD_WIDE_AVX2 && defined(PIGRAD_NO_CONTRACTION) && !defined(__clang__)
#define PIGRAD_WIDE_AVX512 1
#else
#define PIGRAD_WIDE_AVX512 0
#endif

#define PIGRAD_CPU_HAS(feature) __builtin_cpu_supports(feature)

#if PIGRAD_WIDE_AVX512
#define PIGRAD_WIDE(name, parameters, arguments)                                                                \
  [[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,prefer-vector-width=512")]] void name##_avx512 parameters { \
    name##_plain arguments;                                                                                     \
  }                                                                                                             \
  [[gnu::target("avx2")]] void name##_avx2 parameters { name##_plain arguments; }
#define PIGRAD_WIDE_CALL(name, arguments) \
  switch (pigrad::widest_loop()) {        \
    case pigrad::WideLoop::avx512:        \
      return name##_avx512 arguments;     \
    case pigrad::WideLoop::avx2:          \
      return name##_avx2 arguments;       \
    default:                              \
      return name##_plain arguments;      \
  }
#elif PIGRAD_WIDE_AVX2
#define PIGRAD_WIDE(name, parameters, arguments) \
  [[gnu::target("avx2")]] void name##_avx2 parameters { name##_plain arguments; }
#define PIGRAD_WIDE_CALL(name, arguments)                                             \
  if (pigrad::widest_loop() != pigrad::WideLoop::plain) return name##_avx2 arguments; \
  return name##_plain arguments;
#else
#define PIGRAD_WIDE(name, parameters, arguments)
#define PIGRAD_WIDE_CALL(name, arguments) return name##_plain arguments;
#endif

#if defined(__clang__)
#define PIGRAD_INDEPENDENT_ITERATIONS _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define PIGRAD_INDEPENDENT_ITERATIONS _Pragma("GCC ivdep")
#else
#define PIGRAD_INDEPENDENT_ITERATIONS
#endif

namespace pigrad {

enum class WideLoop { plain, avx2, avx512 };

/// The widest form of a loop over copies that this processor runs.
inline WideLoop widest_loop() {
#if PIGRAD_WIDE_AVX2
  static const WideLoop widest = [] {
    if (!PIGRAD_CPU_HAS("avx2")) return WideLoop::plain;
    const bool avx512 = PIGRAD_CPU_HAS("avx512f") && PIGRAD_CPU_HAS("avx512vl") && PIGRAD_CPU_HAS("avx512dq") &&
                        PIGRAD_CPU_HAS("avx512bw");
    return avx512 ? WideLoop::avx512 : WideLoop::avx2;
  }();
  return widest;
#else
  return WideLoop::plain;
#endif
}

}  // namespace pigrad
