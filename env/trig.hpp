#pragma once
#include <cstdint>
#include <type_traits>

#include "../core/macros.hpp"

namespace pigrad {

template <class T>
struct SinCos {
  T sin, cos;
};

/// sin and cos of x (radians) without a branch or a call, so that a loop over copies vectorises and gives each copy the
/// bits that it would have alone. x is reduced by k·π/2 with π/2 in three parts (Cody and Waite 1980) and the Taylor
/// series is summed on [−π/4, π/4]. Error: 2 units in the last place of 1, for |x| ≤ 10⁵ (double) or 10³ (float).
template <class T>
PIGRAD_ALWAYS_INLINE PIGRAD_HD inline SinCos<T> sin_cos(T x) {
  constexpr bool wide = sizeof(T) == 8;
  using Word = std::conditional_t<wide, std::uint64_t, std::uint32_t>;
  constexpr T round_to_int = wide ? T(6755399441055744.0) : T(12582912.0);  // 1.5·2⁵² or 1.5·2²³
  constexpr T part1 = wide ? T(0x1.921fb544p+0) : T(0x1.92p+0);
  constexpr T part2 = wide ? T(0x1.0b4611a6p-34) : T(0x1.fb4p-12);
  constexpr T part3 = wide ? T(0x1.3198a2e037073p-69) : T(0x1.4442dp-24);

  const T shifted = x * T(0.636619772367581343) + round_to_int;
  const T k = shifted - round_to_int;
  const T r = ((x - k * part1) - k * part2) - k * part3;
  const T z = r * r;

  T s, c;
  if constexpr (wide) {
    s = T(-1.0 / 1307674368000.0);
    s = T(1.0 / 6227020800.0) + z * s;
    s = T(-1.0 / 39916800.0) + z * s;
    s = T(1.0 / 362880.0) + z * s;
    c = T(1.0 / 20922789888000.0);
    c = T(-1.0 / 87178291200.0) + z * c;
    c = T(1.0 / 479001600.0) + z * c;
    c = T(-1.0 / 3628800.0) + z * c;
  } else {
    s = T(1.0 / 362880.0);
    c = T(-1.0 / 3628800.0);
  }
  s = T(-1.0 / 5040.0) + z * s;
  s = T(1.0 / 120.0) + z * s;
  s = T(-1.0 / 6.0) + z * s;
  s = r + r * (z * s);
  c = T(1.0 / 40320.0) + z * c;
  c = T(-1.0 / 720.0) + z * c;
  c = T(1.0 / 24.0) + z * c;
  c = T(1) - (T(0.5) * z - z * z * c);

  const Word quadrant = PIGRAD_BIT_CAST(Word, shifted);
  constexpr int sign_bit = wide ? 63 : 31;
  const Word sin_word = PIGRAD_BIT_CAST(Word, (quadrant & 1) ? c : s) ^ ((quadrant >> 1) << sign_bit);
  const Word cos_word = PIGRAD_BIT_CAST(Word, (quadrant & 1) ? s : c) ^ (((quadrant + 1) >> 1) << sign_bit);
  return {PIGRAD_BIT_CAST(T, sin_word), PIGRAD_BIT_CAST(T, cos_word)};
}

/// x (radians) less a whole number of turns, in [−π, π]; an x that is there already is returned as it is. One turn is
/// 2π rounded to T, and the subtraction is exact up to its last rounding, for |x| ≤ 10⁵ (double) or 10³ (float).
template <class T>
PIGRAD_ALWAYS_INLINE PIGRAD_HD inline T wrap_angle(T x) {
  constexpr bool wide = sizeof(T) == 8;
  constexpr T round_to_int = wide ? T(6755399441055744.0) : T(12582912.0);  // 1.5·2⁵² or 1.5·2²³
  constexpr T pi = T(3.141592653589793);
  constexpr T high = wide ? T(0x1.921fb544p+2) : T(0x1.92p+2);
  constexpr T low = wide ? T(0x42d18p-50) : T(0x1fb6p-22);  // high + low = 2π in T; k·high is exact

  const T turns = (x * T(0.15915494309189535) + round_to_int) - round_to_int;
  const T r = (x - turns * high) - turns * low;
  return r > pi ? r - 2 * pi : (r < -pi ? r + 2 * pi : r);
}

}  // namespace pigrad
