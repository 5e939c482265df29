// Exponentials and logarithms of packs. Coefficients: polynomials.py. Every lane is computed alike, whatever the others
// hold. Largest errors against exact values, in units in the last place (tests/core_simd.cpp): see each function.

template <class T>
struct Numbers;
template <>
struct Numbers<float> {
  static constexpr float exp_tail[] = {0.0013941123907621231137f, 0.0083631812190289910535f, 0.041666375135295876178f,
                                       0.16666576970299297109f, 0.50000000269501441927f};
  static constexpr float log_tail[] = {0.29582150948963652731f, 0.39988716571469851113f, 0.66666685271682592437f};
  static constexpr float ln2_high = 0.693115234375f, ln2_low = 0.000031946184945309417232f;
  static constexpr float exp2_tail[] = {0.00015403511556203887793f, 0.0013390758360102618383f,
                                        0.0096182375839755990124f,  0.05550357390917040147f,
                                        0.24022649793873736444f,    0.69314718793552799455f};
  static constexpr float biased_magic = 12582912.0f + 127.0f;  ///< and puts n + 127 into the lowest bits
  static constexpr float magic = 12582912.0f;                  ///< 1.5·2²³: adding it rounds to a whole number
  static constexpr float exp_least = -104.0f, exp_most = 89.0f;
  static constexpr float expm1_least = -18.0f, tanh_most = 9.1f;
};
template <>
struct Numbers<double> {
  static constexpr double exp_tail[] = {2.0921591194588922829e-9, 2.5105217694665662902e-8,   2.7557252907558042675e-7,
                                        2.7557255398348467943e-6, 0.000024801587347343752997, 0.0001984126987482228659,
                                        0.0013888888888874397224, 0.0083333333333261345828,   0.041666666666666683796,
                                        0.16666666666666670991,   0.49999999999999999997};
  static constexpr double log_tail[] = {0.1461787322252087284, 0.15331596911736187549, 0.18182893220330058595,
                                        0.2222221107281701826, 0.28571428626399393763, 0.3999999999989844446,
                                        0.66666666666666697291};
  static constexpr double ln2_high = 0.69314718056011770386, ln2_low = -1.7239444525614834773e-13;
  static constexpr double magic = 6755399441055744.0;  ///< 1.5·2⁵²
  static constexpr double exp_least = -746.0, exp_most = 710.0;
  static constexpr double expm1_least = -38.0, tanh_most = 22.0;
};

template <class V, int n>
PIGRAD_INLINE V horner(const typename V::Scalar (&c)[n], V x) {
  V p = V::all(c[0]);
  for (int i = 1; i < n; ++i) p = fma(p, x, V::all(c[i]));
  return p;
}

/// n whole and q with x = n·ln 2 + r, |r| ≤ ln 2 / 2 and eʳ − 1 = q.
template <class V>
PIGRAD_INLINE void reduce_exp(V x, V& n, V& q) {
  using N = Numbers<typename V::Scalar>;
  const V magic = V::all(N::magic);
  n = fma(x, V::all(typename V::Scalar(1.4426950408889634074)), magic) - magic;
  const V r = fnma(n, V::all(N::ln2_low), fnma(n, V::all(N::ln2_high), x));
  q = fma(r * r, horner(N::exp_tail, r), r);
}

/// eˣ. 1.1 ulp, denormal results too.
template <class V>
PIGRAD_INLINE V exponential(V x) {
  using N = Numbers<typename V::Scalar>;
  V n, q;
  reduce_exp(at_most(V::all(N::exp_most), at_least(V::all(N::exp_least), x)), n, q);
  return scaled(V::all(1) + q, n);
}

/// eˣ − 1 for x ≤ 0. 1.2 ulp.
template <class V>
PIGRAD_INLINE V exponential_minus_1(V x) {
  using N = Numbers<typename V::Scalar>;
  V n, q;
  reduce_exp(at_least(V::all(N::expm1_least), x), n, q);
  const V s = pow2(n);
  return with_sign(magnitude(fma(s, q, s - V::all(1))), x);
}

/// (n + n_low)/(d + d_low): n, d and what rounding them lost. For floats, where speed counts more, n/d.
template <class V>
PIGRAD_INLINE V quotient(V n, V n_low, V d, V d_low) {
  if constexpr (sizeof(typename V::Scalar) == 4) {
    return divided(n, d);
  } else {
    const V inverse = reciprocal(d), y = n * inverse;
    return fma(fnma(y, d, n) + fnma(y, d_low, n_low), inverse, y);
  }
}

/// tanh x = sign x · e/(e + 2) with e = e^2|x| − 1. 3.5 ulp in float, 2 in double. For floats e = 2ⁿ2ʳ − 1 with
/// n + r = 2|x|/ln 2: that product's rounding moves tanh by less the larger it is.
template <class V>
PIGRAD_INLINE V hyperbolic_tangent(V x) {
  using T = typename V::Scalar;
  using N = Numbers<T>;
  const V size = at_most(V::all(N::tanh_most), magnitude(x)), one = V::all(1), two = V::all(2);
  if constexpr (sizeof(T) == 4) {
    const V rate = V::all(T(2.8853900817779268147)), magic = V::all(N::biased_magic);
    const V shifted = fma(size, rate, magic), r = fma(size, rate, magic - shifted);
    const V s = power_in_low_bits(shifted), e = fma(s, r * horner(N::exp2_tail, r), s - one);
    return with_sign(divided(e, e + two), x);
  } else {
    V n, q;
    reduce_exp(size + size, n, q);
    const V s = pow2(n), below = s - one, e = fma(s, q, below), d = e + two;
    const V d_low = (at_least(two, e) - d) + at_most(two, e);
    return with_sign(quotient(e, fma(s, q, below - e), d, d_low), x);
  }
}

/// 1/(1 + e⁻ˣ), by e^−|x|. 2.5 ulp in float, 2 in double.
template <class V>
PIGRAD_INLINE V logistic(V x) {
  const V zero = V::all(0), one = V::all(1), e = exponential(negated(magnitude(x))), d = one + e;
  return quotient(select(less(x, zero), e, one), zero, d, (one - d) + e);
}

/// ln x for 0 < x < ∞: with x = m·2ᵉ, √½ ≤ m < √2 and s = (m − 1)/(m + 1), ln m = f − s (f − s² R(s²)), f = m − 1.
template <class V>
PIGRAD_INLINE V positive_logarithm(V x) {
  using T = typename V::Scalar;
  using N = Numbers<T>;
  const V one = V::all(1);
  V m, e;
  split(x, m, e);
  const auto upper = less(V::all(T(1.4142135623730950488)), m);
  m = select(upper, m * V::all(T(0.5)), m);
  e = select(upper, e + one, e);
  const V f = m - one, s = f / (f + V::all(2)), z = s * s;
  const V correction = fma(e, V::all(N::ln2_low), negated(s * fnma(z, horner(N::log_tail, z), f)));
  return fma(e, V::all(N::ln2_high), f + correction);
}

/// ln x: −∞ at 0, NaN below, +∞ at +∞. 1 ulp.
template <class V>
PIGRAD_INLINE V logarithm(V x) {
  using T = typename V::Scalar;
  const V zero = V::all(0), infinity = V::all(T(__builtin_huge_val()));
  V y = positive_logarithm(x);
  y = select(equal(x, zero), negated(infinity), y);
  y = select(less(x, zero), V::all(T(__builtin_nan(""))), y);
  return select(equal(x, infinity), infinity, select(is_nan(x), x, y));
}

/// ln(1 + x) for 0 ≤ x ≤ 1: what rounding 1 + x loses is put back. Softplus: 2 ulp.
template <class V>
PIGRAD_INLINE V logarithm_of_1_plus(V x) {
  const V one = V::all(1), u = one + x;
  return positive_logarithm(u) + (x - (u - one)) / u;
}
