#pragma once
#include <cstdint>
#include <vector>

#include "../core/random.hpp"

namespace pigrad {

/// A random permutation of [0, n), a function of (random, stream) alone, of which any place is found without the
/// others: a Feistel network (Luby, Rackoff 1988) on a·b ≥ n places, place i at left ⌊i/b⌋ and right i mod b, that is
/// walked along until it stands in [0, n) again (Black, Rogaway 2002). b is a power of 2 near √n and a just large
/// enough, so that few places walk; both are at least 8, or few rounds would favour some orders of few rows. That 8
/// rounds suffice is measured in docs/decisions.md.
class Permutation {
 public:
  static constexpr int rounds = 8;

  PIGRAD_HD Permutation(std::uint32_t n, const Random& random, std::uint32_t stream)
      : n_(n), random_(random), stream_(stream) {
    while (std::uint64_t{4} << (2 * bits_) <= n) ++bits_;
    const std::uint32_t b = std::uint32_t{1} << bits_, fitting = (n + b - 1) >> bits_;
    a_ = fitting > b ? fitting : b;
  }
  PIGRAD_HD std::uint32_t size() const { return n_; }
  /// Arguments of round(): [0, width()).
  PIGRAD_HD std::uint32_t width() const { return a_; }
  /// What a round adds to the left half, uniform in [0, a), if it is even, and to the right one, in [0, b), if odd, by
  /// the other half.
  PIGRAD_HD std::uint32_t round(int round, std::uint32_t other) const {
    return round % 2 == 0 ? left(bits(round, other)) : right(bits(round, other));
  }
  /// A draw serves an even round and the odd one after it.
  PIGRAD_HD Bits bits(int round, std::uint32_t other) const {
    return random_(stream_, (static_cast<std::uint64_t>(round / 2) << 32) | other);
  }
  PIGRAD_HD std::uint32_t left(Bits bits) const {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(bits.a) * a_) >> 32);
  }
  PIGRAD_HD std::uint32_t right(Bits bits) const { return bits.b >> (32 - bits_); }

  /// Where place i leads, given round(), or what it gave.
  template <class F>
  PIGRAD_HD std::uint32_t at(std::uint32_t i, const F& round) const {
    const std::uint32_t mask = (std::uint32_t{1} << bits_) - 1;
    do {
      std::uint32_t l = i >> bits_, r = i & mask;
      for (int k = 0; k < rounds; k += 2) {
        l += round(k, r);
        l = l >= a_ ? l - a_ : l;
        r = (r + round(k + 1, l)) & mask;
      }
      i = l << bits_ | r;
    } while (i >= n_);
    return i;
  }
  PIGRAD_HD std::uint32_t operator()(std::uint32_t i) const {
    return at(i, [this](int k, std::uint32_t other) { return round(k, other); });
  }

 private:
  std::uint32_t n_, a_ = 0;
  int bits_ = 3;
  Random random_;
  std::uint32_t stream_;
};

/// Orders of many rows, one after another: the rounds' functions are found once an order, not once a row.
class Shuffler {
 public:
  /// out[i] = rows[p(i)] with the permutation p of (random, stream).
  void operator()(const std::vector<std::int32_t>& rows, const Random& random, std::uint32_t stream,
                  std::vector<std::int32_t>& out);

 private:
  std::vector<std::uint32_t> rounds_;  ///< [rounds × width]
};

/// The same in place.
inline void shuffle(std::vector<std::int32_t>& rows, const Random& random, std::uint32_t stream) {
  const std::vector<std::int32_t> before = rows;
  Shuffler()(before, random, stream, rows);
}

}  // namespace pigrad
