#include <immintrin.h>

#include "table.hpp"

namespace pigrad::avx512 {
namespace {

/// Sixteen floats.
struct Floats {
  using Scalar = float;
  using Mask = __mmask16;
  static constexpr int width = 16;
  static constexpr int wide_tile = 8;   ///< outputs × vectors of samples of a product's tile fit thirty-two registers
  static constexpr int wide_strip = 4;  ///< vectors of x in a weight gradient's tile
  static constexpr int tall_strip = 6;  ///< rows of w̄ in it
  static constexpr int dots = 16;       ///< dot products at a time
  __m512 v;

  static Floats all(float x) { return {_mm512_set1_ps(x)}; }
  static Floats load(const float* p) { return {_mm512_loadu_ps(p)}; }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
  /// The first count < width scalars, 0 in the other lanes; nothing past them is touched.
  static Floats load(const float* p, int count) { return {_mm512_maskz_loadu_ps(first(count), p)}; }
  void store(float* p, int count) const { _mm512_mask_storeu_ps(p, first(count), v); }
  static Mask first(int count) { return static_cast<Mask>((1 << count) - 1); }
};

/// Eight doubles.
struct Doubles {
  using Scalar = double;
  using Mask = __mmask8;
  static constexpr int width = 8;
  static constexpr int wide_tile = 8;
  static constexpr int wide_strip = 4;
  static constexpr int tall_strip = 6;
  static constexpr int dots = 16;
  __m512d v;

  static Doubles all(double x) { return {_mm512_set1_pd(x)}; }
  static Doubles load(const double* p) { return {_mm512_loadu_pd(p)}; }
  void store(double* p) const { _mm512_storeu_pd(p, v); }
  static Doubles load(const double* p, int count) { return {_mm512_maskz_loadu_pd(first(count), p)}; }
  void store(double* p, int count) const { _mm512_mask_storeu_pd(p, first(count), v); }
  static Mask first(int count) { return static_cast<Mask>((1 << count) - 1); }
};

// clang-format off
inline Floats operator+(Floats a, Floats b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Floats operator-(Floats a, Floats b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Floats operator*(Floats a, Floats b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Floats operator/(Floats a, Floats b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Doubles operator+(Doubles a, Doubles b) { return {_mm512_add_pd(a.v, b.v)}; }
inline Doubles operator-(Doubles a, Doubles b) { return {_mm512_sub_pd(a.v, b.v)}; }
inline Doubles operator*(Doubles a, Doubles b) { return {_mm512_mul_pd(a.v, b.v)}; }
inline Doubles operator/(Doubles a, Doubles b) { return {_mm512_div_pd(a.v, b.v)}; }
inline Floats root(Floats a) { return {_mm512_sqrt_ps(a.v)}; }
inline Doubles root(Doubles a) { return {_mm512_sqrt_pd(a.v)}; }
/// a·b + c, rounded once
inline Floats fma(Floats a, Floats b, Floats c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline Doubles fma(Doubles a, Doubles b, Doubles c) { return {_mm512_fmadd_pd(a.v, b.v, c.v)}; }
/// c − a·b, rounded once
inline Floats fnma(Floats a, Floats b, Floats c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
inline Doubles fnma(Doubles a, Doubles b, Doubles c) { return {_mm512_fnmadd_pd(a.v, b.v, c.v)}; }
/// The larger and the smaller; x where either is NaN.
inline Floats at_least(Floats low, Floats x) { return {_mm512_max_ps(low.v, x.v)}; }
inline Floats at_most(Floats high, Floats x) { return {_mm512_min_ps(high.v, x.v)}; }
inline Doubles at_least(Doubles low, Doubles x) { return {_mm512_max_pd(low.v, x.v)}; }
inline Doubles at_most(Doubles high, Doubles x) { return {_mm512_min_pd(high.v, x.v)}; }
inline __mmask16 less(Floats a, Floats b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ); }
inline __mmask8 less(Doubles a, Doubles b) { return _mm512_cmp_pd_mask(a.v, b.v, _CMP_LT_OQ); }
inline __mmask16 less_equal(Floats a, Floats b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ); }
inline __mmask8 less_equal(Doubles a, Doubles b) { return _mm512_cmp_pd_mask(a.v, b.v, _CMP_LE_OQ); }
inline __mmask16 equal(Floats a, Floats b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ); }
inline __mmask8 equal(Doubles a, Doubles b) { return _mm512_cmp_pd_mask(a.v, b.v, _CMP_EQ_OQ); }
inline __mmask16 is_nan(Floats a) { return _mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q); }
inline __mmask8 is_nan(Doubles a) { return _mm512_cmp_pd_mask(a.v, a.v, _CMP_UNORD_Q); }
inline Floats select(__mmask16 mask, Floats yes, Floats no) { return {_mm512_mask_blend_ps(mask, no.v, yes.v)}; }
inline Doubles select(__mmask8 mask, Doubles yes, Doubles no) { return {_mm512_mask_blend_pd(mask, no.v, yes.v)}; }
inline Floats magnitude(Floats a) { return {_mm512_andnot_ps(_mm512_set1_ps(-0.0f), a.v)}; }
inline Doubles magnitude(Doubles a) { return {_mm512_andnot_pd(_mm512_set1_pd(-0.0), a.v)}; }
inline Floats negated(Floats a) { return {_mm512_xor_ps(_mm512_set1_ps(-0.0f), a.v)}; }
inline Doubles negated(Doubles a) { return {_mm512_xor_pd(_mm512_set1_pd(-0.0), a.v)}; }
/// x, or 0 where it is denormal
inline Floats normal(Floats x) {
  return {_mm512_mask_mov_ps(x.v, _mm512_fpclass_ps_mask(x.v, 0x20), _mm512_setzero_ps())};
}
inline Doubles normal(Doubles x) {
  return {_mm512_mask_mov_pd(x.v, _mm512_fpclass_pd_mask(x.v, 0x20), _mm512_setzero_pd())};
}
/// 2ⁿ for a whole n with 2ⁿ normal
inline Floats pow2(Floats n) { return {_mm512_scalef_ps(_mm512_set1_ps(1.0f), n.v)}; }
inline Doubles pow2(Doubles n) { return {_mm512_scalef_pd(_mm512_set1_pd(1.0), n.v)}; }
/// p·2ⁿ, rounded once
inline Floats scaled(Floats p, Floats n) { return {_mm512_scalef_ps(p.v, n.v)}; }
inline Doubles scaled(Doubles p, Doubles n) { return {_mm512_scalef_pd(p.v, n.v)}; }
// clang-format on

/// 1/d to within 2 units in the last place, for normal d with a normal 1/d: Newton's steps from fourteen bits.
inline Doubles reciprocal(Doubles d) {
  const Doubles one = Doubles::all(1), first{_mm512_rcp14_pd(d.v)};
  const Doubles r = fma(fnma(d, first, one), first, first);
  return fma(fnma(d, r, one), r, r);
}
/// n/d to within 1.5 units in the last place, for normal d, n/d and 1/d.
inline Floats divided(Floats n, Floats d) {
  const Floats first{_mm512_rcp14_ps(d.v)}, y = n * first;
  return fma(y, fnma(d, first, Floats::all(1)), y);
}
inline Doubles divided(Doubles n, Doubles d) {
  const Doubles first{_mm512_rcp14_pd(d.v)}, r = fma(fnma(d, first, Doubles::all(1)), first, first), y = n * r;
  return fma(fnma(y, d, n), r, y);
}

/// √x to within 1 unit in the last place for normal x ≥ 0, of the largest number for ∞, and 0 for 0: a Newton step from
/// fourteen bits, two for doubles.
inline Floats near_root(Floats x) {
  const Floats in = at_most(Floats::all(0x1.fffffep127f), x);
  const Floats y{_mm512_rsqrt14_ps(at_least(Floats::all(0x1p-126f), in).v)}, s = in * y;
  return fma(fnma(s, s, in), Floats::all(0.5f) * y, s);
}
inline Doubles near_root(Doubles x) {
  const Doubles half = Doubles::all(0.5), in = at_most(Doubles::all(0x1.fffffffffffffp1023), x);
  const Doubles least = at_least(Doubles::all(0x1p-1022), in), first{_mm512_rsqrt14_pd(least.v)};
  const Doubles y = fma(first, fnma(least * first, half * first, half), first), s = in * y;
  return fma(fnma(s, s, in), half * y, s);
}

/// 2ⁿ from the sum of n and Numbers::biased_magic
inline Floats power_in_low_bits(Floats sum) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(sum.v), 23))};
}

/// size with the sign of a; size ≥ 0
inline Floats with_sign(Floats size, Floats a) {
  return {_mm512_or_ps(size.v, _mm512_and_ps(_mm512_set1_ps(-0.0f), a.v))};
}
inline Doubles with_sign(Doubles size, Doubles a) {
  return {_mm512_or_pd(size.v, _mm512_and_pd(_mm512_set1_pd(-0.0), a.v))};
}

/// x with the lanes from `count` on zeroed
inline Floats first_lanes(Floats x, int count) {
  return {_mm512_maskz_mov_ps(static_cast<__mmask16>(count >= 16 ? 0xffff : (1 << count) - 1), x.v)};
}
inline Doubles first_lanes(Doubles x, int count) {
  return {_mm512_maskz_mov_pd(static_cast<__mmask8>(count >= 8 ? 0xff : (1 << count) - 1), x.v)};
}

/// m in [1, 2) and a whole e with x = m·2ᵉ, for x > 0, denormal or not; anything for other x.
inline void split(Floats x, Floats& m, Floats& e) {
  m = {_mm512_getmant_ps(x.v, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src)};
  e = {_mm512_getexp_ps(x.v)};
}
inline void split(Doubles x, Doubles& m, Doubles& e) {
  m = {_mm512_getmant_pd(x.v, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src)};
  e = {_mm512_getexp_pd(x.v)};
}

inline void transpose(Floats (&x)[16]) {
  __m512 a[16], b[16];
  for (int i = 0; i < 8; ++i) {
    a[2 * i] = _mm512_unpacklo_ps(x[2 * i].v, x[2 * i + 1].v);
    a[2 * i + 1] = _mm512_unpackhi_ps(x[2 * i].v, x[2 * i + 1].v);
  }
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 2; ++j) {
      b[4 * i + 2 * j] = _mm512_shuffle_ps(a[4 * i + j], a[4 * i + 2 + j], 0x44);
      b[4 * i + 2 * j + 1] = _mm512_shuffle_ps(a[4 * i + j], a[4 * i + 2 + j], 0xee);
    }
  for (int i = 0; i < 4; ++i) {
    a[i] = _mm512_shuffle_f32x4(b[i], b[4 + i], 0x88);
    a[4 + i] = _mm512_shuffle_f32x4(b[i], b[4 + i], 0xdd);
    a[8 + i] = _mm512_shuffle_f32x4(b[8 + i], b[12 + i], 0x88);
    a[12 + i] = _mm512_shuffle_f32x4(b[8 + i], b[12 + i], 0xdd);
  }
  for (int i = 0; i < 4; ++i) {
    x[i].v = _mm512_shuffle_f32x4(a[i], a[8 + i], 0x88);
    x[4 + i].v = _mm512_shuffle_f32x4(a[4 + i], a[12 + i], 0x88);
    x[8 + i].v = _mm512_shuffle_f32x4(a[i], a[8 + i], 0xdd);
    x[12 + i].v = _mm512_shuffle_f32x4(a[4 + i], a[12 + i], 0xdd);
  }
}
inline void transpose(Doubles (&x)[8]) {
  __m512d a[8], b[8];
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm512_unpacklo_pd(x[2 * i].v, x[2 * i + 1].v);
    a[2 * i + 1] = _mm512_unpackhi_pd(x[2 * i].v, x[2 * i + 1].v);
  }
  for (int i = 0; i < 2; ++i) {
    b[i] = _mm512_shuffle_f64x2(a[i], a[2 + i], 0x88);
    b[2 + i] = _mm512_shuffle_f64x2(a[i], a[2 + i], 0xdd);
    b[4 + i] = _mm512_shuffle_f64x2(a[4 + i], a[6 + i], 0x88);
    b[6 + i] = _mm512_shuffle_f64x2(a[4 + i], a[6 + i], 0xdd);
  }
  for (int i = 0; i < 2; ++i) {
    x[i].v = _mm512_shuffle_f64x2(b[i], b[4 + i], 0x88);
    x[2 + i].v = _mm512_shuffle_f64x2(b[2 + i], b[6 + i], 0x88);
    x[4 + i].v = _mm512_shuffle_f64x2(b[i], b[4 + i], 0xdd);
    x[6 + i].v = _mm512_shuffle_f64x2(b[2 + i], b[6 + i], 0xdd);
  }
}

/// Lane l is the sum of x[l]: lanes i and i + 8, then i + 4, i + 2, i + 1.
inline Floats totals(const Floats (&x)[16]) {
  const auto halves = [](Floats a, Floats b) {
    return _mm512_add_ps(_mm512_shuffle_f32x4(a.v, b.v, 0x44), _mm512_shuffle_f32x4(a.v, b.v, 0xee));
  };
  const auto quarters = [](__m512 a, __m512 b) {
    return _mm512_castps_pd(_mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd)));
  };
  const auto pairs = [](__m512d a, __m512d b) {
    return _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
  };
  __m512d group[4];
  for (int e = 0; e < 4; ++e) group[e] = quarters(halves(x[e], x[4 + e]), halves(x[8 + e], x[12 + e]));
  const __m512 a = pairs(group[0], group[1]), b = pairs(group[2], group[3]);
  return {_mm512_add_ps(_mm512_shuffle_ps(a, b, 0x88), _mm512_shuffle_ps(a, b, 0xdd))};
}
inline Doubles totals(const Doubles (&x)[8]) {
  const auto halves = [](Doubles a, Doubles b) {
    return _mm512_add_pd(_mm512_shuffle_f64x2(a.v, b.v, 0x44), _mm512_shuffle_f64x2(a.v, b.v, 0xee));
  };
  const auto quarters = [](__m512d a, __m512d b) {
    return _mm512_add_pd(_mm512_shuffle_f64x2(a, b, 0x88), _mm512_shuffle_f64x2(a, b, 0xdd));
  };
  const __m512d a = quarters(halves(x[0], x[2]), halves(x[4], x[6]));
  const __m512d b = quarters(halves(x[1], x[3]), halves(x[5], x[7]));
  return {_mm512_add_pd(_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b))};
}

#include "kernels.inl"

}  // namespace

constinit const simd::Table<float> float_table = table_of<Floats>();
constinit const simd::Table<double> double_table = table_of<Doubles>();

}  // namespace pigrad::avx512
