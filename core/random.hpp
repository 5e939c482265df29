#pragma once
#include <cmath>
#include <cstdint>

#include "macros.hpp"

namespace pigrad {

/// What a draw is for. Draws of different purposes never share bits, whatever their streams and counters.
enum class Purpose : std::uint32_t {
  initialise = 1,  ///< starting parameters
  action = 2,      ///< sampling from a policy
  reset = 3,       ///< an environment's start state
  shuffle = 4,     ///< order of minibatches
  evaluate = 5,    ///< actions and starts of evaluation episodes
  dynamics = 6,    ///< noise inside an environment's step
  test = 7,        ///< random cotangents, random shapes
  bootstrap = 16,  ///< resampling of results
};

/// 64 random bits: the two words of one Threefry call.
struct Bits {
  std::uint32_t a = 0, b = 0;
};

/// Threefry2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// A bijection of the 64-bit counter for each 64-bit key: no state, no order, any draw at any time.
PIGRAD_ALWAYS_INLINE PIGRAD_HD inline Bits threefry2x32(std::uint32_t k0, std::uint32_t k1, std::uint32_t c0,
                                                        std::uint32_t c1) {
  const std::uint32_t k2 = 0x1BD11BDAu ^ k0 ^ k1;
  std::uint32_t x = c0 + k0, y = c1 + k1;
  const auto round = [&](int r) {
    x += y;
    y = (y << r) | (y >> (32 - r));
    y ^= x;
  };
  round(13), round(15), round(26), round(6);
  x += k1, y += k2 + 1u;
  round(17), round(29), round(16), round(24);
  x += k2, y += k0 + 2u;
  round(13), round(15), round(26), round(6);
  x += k0, y += k1 + 3u;
  round(17), round(29), round(16), round(24);
  x += k1, y += k2 + 4u;
  round(13), round(15), round(26), round(6);
  x += k2, y += k0 + 5u;
  return {x, y};
}

/// Uniform in [0, 1): the 24 high bits of a word, exact in float.
template <class T>
PIGRAD_HD inline T uniform01(std::uint32_t word) {
  return static_cast<T>(word >> 8) * static_cast<T>(1.0 / 16777216.0);
}

/// Uniform in [0, 1) with 53 bits from both words, exact in double.
PIGRAD_HD inline double uniform01_wide(Bits bits) {
  const std::uint64_t word = (static_cast<std::uint64_t>(bits.a) << 32) | bits.b;
  return static_cast<double>(word >> 11) * (1.0 / 9007199254740992.0);
}

/// Two independent standard normals from one call (Box and Muller 1958). |z| stays under 6.77.
template <class T>
struct NormalPair {
  T first, second;
};

template <class T>
PIGRAD_HD inline NormalPair<T> normal_pair(Bits bits) {
  const double u = (static_cast<double>(bits.a) + 0.5) * (1.0 / 4294967296.0);
  const double angle = static_cast<double>(bits.b) * (6.283185307179586476925 / 4294967296.0);
  const double radius = std::sqrt(-2.0 * std::log(u));
  return {static_cast<T>(radius * std::cos(angle)), static_cast<T>(radius * std::sin(angle))};
}

/// Counter-based random numbers keyed by (seed, purpose, stream, counter).
/// A stream is usually a copy of an environment, a counter that copy's step: the same key gives the same bits in any
/// order, on any thread, after any resume. Passing it by value is passing the whole state.
class Random {
 public:
  PIGRAD_HD Random(std::uint64_t seed, Purpose purpose) {
    const Bits key = threefry2x32(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                                  static_cast<std::uint32_t>(purpose), 0x70696772u);
    k0_ = key.a;
    k1_ = key.b;
  }

  /// The 64 bits of (stream, counter).
  PIGRAD_ALWAYS_INLINE PIGRAD_HD Bits operator()(std::uint32_t stream, std::uint64_t counter) const {
    const auto high = static_cast<std::uint32_t>(counter >> 32);
    return threefry2x32(k0_, k1_ + high * 0x9E3779B9u, stream, static_cast<std::uint32_t>(counter));
  }

  /// A uniform in [0, 1): 24 bits in float, 53 in double.
  template <class T>
  PIGRAD_ALWAYS_INLINE PIGRAD_HD T uniform(std::uint32_t stream, std::uint64_t counter) const {
    const Bits bits = (*this)(stream, counter);
    if constexpr (sizeof(T) == sizeof(double)) return static_cast<T>(uniform01_wide(bits));
    return uniform01<T>(bits.a);
  }

  /// A standard normal.
  template <class T>
  PIGRAD_HD T normal(std::uint32_t stream, std::uint64_t counter) const {
    return normal_pair<T>((*this)(stream, counter)).first;
  }

 private:
  std::uint32_t k0_, k1_;
};

}  // namespace pigrad
