#include <immintrin.h>

#include "table.hpp"

namespace pigrad::avx2 {
namespace {

/// Eight floats.
struct Floats {
  using Scalar = float;
  using Mask = __m256;
  static constexpr int width = 8;
  static constexpr int wide_tile = 4;   ///< outputs × vectors of samples of a product's tile fit sixteen registers
  static constexpr int wide_strip = 2;  ///< vectors of x in a weight gradient's tile
  static constexpr int tall_strip = 6;  ///< rows of w̄ in it
  static constexpr int dots = 8;        ///< dot products at a time
  __m256 v;

  static Floats all(float x) { return {_mm256_set1_ps(x)}; }
  static Floats load(const float* p) { return {_mm256_loadu_ps(p)}; }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
  /// The first count < width scalars, 0 in the other lanes; nothing past them is touched.
  static Floats load(const float* p, int count) { return {_mm256_maskload_ps(p, first(count))}; }
  void store(float* p, int count) const { _mm256_maskstore_ps(p, first(count), v); }
  static __m256i first(int count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
};

/// Four doubles.
struct Doubles {
  using Scalar = double;
  using Mask = __m256d;
  static constexpr int width = 4;
  static constexpr int wide_tile = 4;
  static constexpr int wide_strip = 2;
  static constexpr int tall_strip = 6;
  static constexpr int dots = 8;
  __m256d v;

  static Doubles all(double x) { return {_mm256_set1_pd(x)}; }
  static Doubles load(const double* p) { return {_mm256_loadu_pd(p)}; }
  void store(double* p) const { _mm256_storeu_pd(p, v); }
  static Doubles load(const double* p, int count) { return {_mm256_maskload_pd(p, first(count))}; }
  void store(double* p, int count) const { _mm256_maskstore_pd(p, first(count), v); }
  static __m256i first(int count) {
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3));
  }
};

// clang-format off
inline Floats operator+(Floats a, Floats b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Floats operator-(Floats a, Floats b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Floats operator*(Floats a, Floats b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Floats operator/(Floats a, Floats b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Doubles operator+(Doubles a, Doubles b) { return {_mm256_add_pd(a.v, b.v)}; }
inline Doubles operator-(Doubles a, Doubles b) { return {_mm256_sub_pd(a.v, b.v)}; }
inline Doubles operator*(Doubles a, Doubles b) { return {_mm256_mul_pd(a.v, b.v)}; }
inline Doubles operator/(Doubles a, Doubles b) { return {_mm256_div_pd(a.v, b.v)}; }
inline Floats root(Floats a) { return {_mm256_sqrt_ps(a.v)}; }
inline Doubles root(Doubles a) { return {_mm256_sqrt_pd(a.v)}; }
/// a·b + c, rounded once
inline Floats fma(Floats a, Floats b, Floats c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Doubles fma(Doubles a, Doubles b, Doubles c) { return {_mm256_fmadd_pd(a.v, b.v, c.v)}; }
/// c − a·b, rounded once
inline Floats fnma(Floats a, Floats b, Floats c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
inline Doubles fnma(Doubles a, Doubles b, Doubles c) { return {_mm256_fnmadd_pd(a.v, b.v, c.v)}; }
/// The larger and the smaller; x where either is NaN.
inline Floats at_least(Floats low, Floats x) { return {_mm256_max_ps(low.v, x.v)}; }
inline Floats at_most(Floats high, Floats x) { return {_mm256_min_ps(high.v, x.v)}; }
inline Doubles at_least(Doubles low, Doubles x) { return {_mm256_max_pd(low.v, x.v)}; }
inline Doubles at_most(Doubles high, Doubles x) { return {_mm256_min_pd(high.v, x.v)}; }
inline __m256 less(Floats a, Floats b) { return _mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ); }
inline __m256d less(Doubles a, Doubles b) { return _mm256_cmp_pd(a.v, b.v, _CMP_LT_OQ); }
inline __m256 less_equal(Floats a, Floats b) { return _mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ); }
inline __m256d less_equal(Doubles a, Doubles b) { return _mm256_cmp_pd(a.v, b.v, _CMP_LE_OQ); }
inline __m256 equal(Floats a, Floats b) { return _mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ); }
inline __m256d equal(Doubles a, Doubles b) { return _mm256_cmp_pd(a.v, b.v, _CMP_EQ_OQ); }
inline __m256 is_nan(Floats a) { return _mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q); }
inline __m256d is_nan(Doubles a) { return _mm256_cmp_pd(a.v, a.v, _CMP_UNORD_Q); }
inline Floats select(__m256 mask, Floats yes, Floats no) { return {_mm256_blendv_ps(no.v, yes.v, mask)}; }
inline Doubles select(__m256d mask, Doubles yes, Doubles no) { return {_mm256_blendv_pd(no.v, yes.v, mask)}; }
inline Floats magnitude(Floats a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline Doubles magnitude(Doubles a) { return {_mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v)}; }
inline Floats negated(Floats a) { return {_mm256_xor_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline Doubles negated(Doubles a) { return {_mm256_xor_pd(_mm256_set1_pd(-0.0), a.v)}; }
/// x, or 0 where it is denormal
inline Floats normal(Floats x) { return select(less(magnitude(x), Floats::all(0x1p-126f)), Floats::all(0), x); }
inline Doubles normal(Doubles x) { return select(less(magnitude(x), Doubles::all(0x1p-1022)), Doubles::all(0), x); }
// clang-format on

/// size with the sign of a; size ≥ 0
inline Floats with_sign(Floats size, Floats a) {
  return {_mm256_or_ps(size.v, _mm256_and_ps(_mm256_set1_ps(-0.0f), a.v))};
}
inline Doubles with_sign(Doubles size, Doubles a) {
  return {_mm256_or_pd(size.v, _mm256_and_pd(_mm256_set1_pd(-0.0), a.v))};
}

inline Doubles reciprocal(Doubles d) { return Doubles::all(1) / d; }
inline Floats divided(Floats n, Floats d) { return n / d; }
inline Doubles divided(Doubles n, Doubles d) { return n / d; }
inline Floats near_root(Floats x) { return root(x); }
inline Doubles near_root(Doubles x) { return root(x); }

/// 2ⁿ from the sum of n and Numbers::biased_magic
inline Floats power_in_low_bits(Floats sum) {
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(sum.v), 23))};
}

/// 2ⁿ for a whole n with 2ⁿ normal: adding magic puts n + bias into the low bits, from where it moves to the exponent.
inline Floats pow2(Floats n) {
  const __m256 magic = _mm256_set1_ps(12582912.0f + 127.0f);
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(_mm256_add_ps(n.v, magic)), 23))};
}
inline Doubles pow2(Doubles n) {
  const __m256d magic = _mm256_set1_pd(6755399441055744.0 + 1023.0);
  return {_mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(_mm256_add_pd(n.v, magic)), 52))};
}

/// p·2ⁿ, rounded once, for any whole n between −2200 and 2200 halves of which are normal exponents.
template <class V>
V scaled(V p, V n) {
  using T = typename V::Scalar;
  const V magic = V::all(sizeof(T) == 4 ? T(12582912.0) : T(6755399441055744.0));
  const V half = fma(n, V::all(T(0.5)), magic) - magic;
  return p * pow2(half) * pow2(n - half);
}

/// m in [1, 2) and a whole e with x = m·2ᵉ, for x > 0, denormal or not; anything for other x.
inline void split(Floats x, Floats& m, Floats& e) {
  const __m256 tiny = _mm256_cmp_ps(x.v, _mm256_set1_ps(1.17549435e-38f), _CMP_LT_OQ);
  const __m256 y = _mm256_blendv_ps(x.v, _mm256_mul_ps(x.v, _mm256_set1_ps(8388608.0f)), tiny);
  const __m256i bits = _mm256_castps_si256(y);
  const __m256 bias = _mm256_blendv_ps(_mm256_set1_ps(127.0f), _mm256_set1_ps(150.0f), tiny);
  e = {_mm256_sub_ps(_mm256_cvtepi32_ps(_mm256_srli_epi32(bits, 23)), bias)};
  m = {_mm256_or_ps(_mm256_and_ps(y, _mm256_castsi256_ps(_mm256_set1_epi32(0x007fffff))), _mm256_set1_ps(1.0f))};
}
inline void split(Doubles x, Doubles& m, Doubles& e) {
  const __m256d tiny = _mm256_cmp_pd(x.v, _mm256_set1_pd(2.2250738585072014e-308), _CMP_LT_OQ);
  const __m256d y = _mm256_blendv_pd(x.v, _mm256_mul_pd(x.v, _mm256_set1_pd(4503599627370496.0)), tiny);
  const __m256d magic = _mm256_set1_pd(4503599627370496.0);
  const __m256d bias = _mm256_blendv_pd(_mm256_set1_pd(1023.0), _mm256_set1_pd(1075.0), tiny);
  const __m256i exponent = _mm256_srli_epi64(_mm256_castpd_si256(y), 52);
  e = {_mm256_sub_pd(_mm256_sub_pd(_mm256_or_pd(_mm256_castsi256_pd(exponent), magic), magic), bias)};
  const __m256d fraction = _mm256_castsi256_pd(_mm256_set1_epi64x(0x000fffffffffffff));
  m = {_mm256_or_pd(_mm256_and_pd(y, fraction), _mm256_set1_pd(1.0))};
}

/// x with the lanes from `count` on zeroed
inline Floats first_lanes(Floats x, int count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return {_mm256_and_ps(x.v, _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(count), lane)))};
}
inline Doubles first_lanes(Doubles x, int count) {
  const __m256i lane = _mm256_setr_epi64x(0, 1, 2, 3);
  return {_mm256_and_pd(x.v, _mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_set1_epi64x(count), lane)))};
}

inline void transpose(Floats (&x)[8]) {
  __m256 a[8], b[8];
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm256_unpacklo_ps(x[2 * i].v, x[2 * i + 1].v);
    a[2 * i + 1] = _mm256_unpackhi_ps(x[2 * i].v, x[2 * i + 1].v);
  }
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) {
      b[4 * i + 2 * j] = _mm256_shuffle_ps(a[4 * i + j], a[4 * i + 2 + j], 0x44);
      b[4 * i + 2 * j + 1] = _mm256_shuffle_ps(a[4 * i + j], a[4 * i + 2 + j], 0xee);
    }
  for (int i = 0; i < 4; ++i) {
    x[i].v = _mm256_permute2f128_ps(b[i], b[4 + i], 0x20);
    x[4 + i].v = _mm256_permute2f128_ps(b[i], b[4 + i], 0x31);
  }
}
inline void transpose(Doubles (&x)[4]) {
  const __m256d a = _mm256_unpacklo_pd(x[0].v, x[1].v), b = _mm256_unpackhi_pd(x[0].v, x[1].v);
  const __m256d c = _mm256_unpacklo_pd(x[2].v, x[3].v), d = _mm256_unpackhi_pd(x[2].v, x[3].v);
  x[0].v = _mm256_permute2f128_pd(a, c, 0x20);
  x[1].v = _mm256_permute2f128_pd(b, d, 0x20);
  x[2].v = _mm256_permute2f128_pd(a, c, 0x31);
  x[3].v = _mm256_permute2f128_pd(b, d, 0x31);
}

/// Lane l is the sum of x[l]: lanes i and i + 4, then i + 2, i + 1.
inline Floats totals(const Floats (&x)[8]) {
  __m256d group[4];
  for (int e = 0; e < 4; ++e)
    group[e] = _mm256_castps_pd(_mm256_add_ps(_mm256_permute2f128_ps(x[e].v, x[4 + e].v, 0x20),
                                              _mm256_permute2f128_ps(x[e].v, x[4 + e].v, 0x31)));
  const auto pairs = [](__m256d a, __m256d b) {
    return _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)), _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)));
  };
  const __m256 a = pairs(group[0], group[1]), b = pairs(group[2], group[3]);
  return {_mm256_add_ps(_mm256_shuffle_ps(a, b, 0x88), _mm256_shuffle_ps(a, b, 0xdd))};
}
inline Doubles totals(const Doubles (&x)[4]) {
  const auto halves = [](Doubles a, Doubles b) {
    return _mm256_add_pd(_mm256_permute2f128_pd(a.v, b.v, 0x20), _mm256_permute2f128_pd(a.v, b.v, 0x31));
  };
  const __m256d a = halves(x[0], x[2]), b = halves(x[1], x[3]);
  return {_mm256_add_pd(_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b))};
}

#include "kernels.inl"

}  // namespace

constinit const simd::Table<float> float_table = table_of<Floats>();
constinit const simd::Table<double> double_table = table_of<Doubles>();

}  // namespace pigrad::avx2
