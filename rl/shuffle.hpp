#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "../core/random.hpp"

namespace pigrad {

/// A random permutation in place (Fisher and Yates 1938; Durstenfeld 1964), a function of (random, stream) alone. Each
/// place is drawn as ⌊n·b/2⁶⁴⌋ of 64 bits b: no place is likelier than another by more than n/2⁶⁴.
inline void shuffle(std::vector<std::int32_t>& rows, const Random& random, std::uint32_t stream) {
  for (std::uint64_t n = rows.size(); n > 1; --n) {
    const Bits bits = random(stream, n);
    const auto chosen = static_cast<std::size_t>((bits.a * n + ((bits.b * n) >> 32)) >> 32);
    std::swap(rows[n - 1], rows[chosen]);
  }
}

}  // namespace pigrad
