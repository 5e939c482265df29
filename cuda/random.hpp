#pragma once
#include "../core/random.hpp"

namespace pigrad {

/// out[i] = threefry2x32(keys[i], counters[i]) for i in [0, count). All in device memory.
void device_threefry2x32(int count, const Bits* keys, const Bits* counters, Bits* out);

/// out[s] = random.uniform<T>(s, counter) for each stream s in [0, streams). `out` is in device memory.
template <class T>
void device_uniform(const Random& random, int streams, std::uint64_t counter, T* out);

/// The same with random.normal<T>.
template <class T>
void device_normal(const Random& random, int streams, std::uint64_t counter, T* out);

}  // namespace pigrad
