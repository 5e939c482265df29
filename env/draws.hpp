#pragma once
#include <cstdint>

#include "../core/random.hpp"

namespace pigrad {

/// The random numbers of one episode's start: number k of (seed, copy, episode) is the same whichever thread asks, in
/// whatever order, before or after a resume. An episode has 65,536 of them.
class Draws {
 public:
  PIGRAD_HD Draws(const Random& random, std::uint32_t copy, std::uint64_t episode)
      : random_(random), copy_(copy), base_(episode << 16) {}

  PIGRAD_ALWAYS_INLINE PIGRAD_HD Bits bits(int k) const { return random_(copy_, counter(k)); }

  /// Uniform in [0, 1).
  template <class T>
  PIGRAD_ALWAYS_INLINE PIGRAD_HD T uniform(int k) const {
    return random_.template uniform<T>(copy_, counter(k));
  }

  /// Uniform in [low, high), computed as low + (high − low)·u.
  template <class T>
  PIGRAD_ALWAYS_INLINE PIGRAD_HD T between(int k, T low, T high) const {
    return low + (high - low) * uniform<T>(k);
  }

  /// Uniform over 0 … n−1, the same in float and double. Its bias is below n / 2³².
  PIGRAD_HD int below(int k, int n) const {
    return static_cast<int>((static_cast<std::uint64_t>(bits(k).a) * static_cast<std::uint32_t>(n)) >> 32);
  }

  template <class T>
  PIGRAD_HD T normal(int k) const {
    return random_.template normal<T>(copy_, counter(k));
  }

 private:
  PIGRAD_HD std::uint64_t counter(int k) const { return base_ | static_cast<std::uint32_t>(k); }

  Random random_;
  std::uint32_t copy_;
  std::uint64_t base_;
};

}  // namespace pigrad
