#include "peak.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pigrad::bench {
namespace {

constexpr int chains = 12;
volatile double sink;

#if defined(__x86_64__)

__attribute__((target("avx512f"))) double run512(long count, float) {
  __m512 x[chains];
  for (int i = 0; i < chains; ++i) x[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
  for (long n = 0; n < count; n += 4)
    for (int pass = 0; pass < 4; ++pass)
      for (int i = 0; i < chains; ++i) x[i] = _mm512_fmadd_ps(x[i], a, b);
  for (int i = 1; i < chains; ++i) x[0] = _mm512_add_ps(x[0], x[i]);
  sink = static_cast<double>(_mm512_cvtss_f32(x[0]));
  return 2.0 * 16 * chains * static_cast<double>(count);
}
__attribute__((target("avx512f"))) double run512(long count, double) {
  __m512d x[chains];
  for (int i = 0; i < chains; ++i) x[i] = _mm512_set1_pd(i);
  const __m512d a = _mm512_set1_pd(0.999), b = _mm512_set1_pd(0.001);
  for (long n = 0; n < count; n += 4)
    for (int pass = 0; pass < 4; ++pass)
      for (int i = 0; i < chains; ++i) x[i] = _mm512_fmadd_pd(x[i], a, b);
  for (int i = 1; i < chains; ++i) x[0] = _mm512_add_pd(x[0], x[i]);
  sink = _mm512_cvtsd_f64(x[0]);
  return 2.0 * 8 * chains * static_cast<double>(count);
}
__attribute__((target("avx2,fma"))) double run256(long count, float) {
  __m256 x[chains];
  for (int i = 0; i < chains; ++i) x[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
  for (long n = 0; n < count; n += 4)
    for (int pass = 0; pass < 4; ++pass)
      for (int i = 0; i < chains; ++i) x[i] = _mm256_fmadd_ps(x[i], a, b);
  for (int i = 1; i < chains; ++i) x[0] = _mm256_add_ps(x[0], x[i]);
  sink = static_cast<double>(_mm256_cvtss_f32(x[0]));
  return 2.0 * 8 * chains * static_cast<double>(count);
}
__attribute__((target("avx2,fma"))) double run256(long count, double) {
  __m256d x[chains];
  for (int i = 0; i < chains; ++i) x[i] = _mm256_set1_pd(i);
  const __m256d a = _mm256_set1_pd(0.999), b = _mm256_set1_pd(0.001);
  for (long n = 0; n < count; n += 4)
    for (int pass = 0; pass < 4; ++pass)
      for (int i = 0; i < chains; ++i) x[i] = _mm256_fmadd_pd(x[i], a, b);
  for (int i = 1; i < chains; ++i) x[0] = _mm256_add_pd(x[0], x[i]);
  sink = _mm256_cvtsd_f64(x[0]);
  return 2.0 * 4 * chains * static_cast<double>(count);
}

#endif

}  // namespace

template <class T>
double fma_groups(const std::string& backend, long count) {
#if defined(__x86_64__)
  return backend == "avx512" ? run512(count, T()) : run256(count, T());
#else
  static_cast<void>(backend), static_cast<void>(count);
  return 0;
#endif
}
template double fma_groups<float>(const std::string&, long);
template double fma_groups<double>(const std::string&, long);

}  // namespace pigrad::bench
