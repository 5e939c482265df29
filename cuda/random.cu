#include "launch.cuh"
#include "random.hpp"

namespace pigrad {
namespace {

struct Threefry {
  const Bits *keys, *counters;
  Bits* out;
  __device__ void operator()(long long i) const {
    out[i] = threefry2x32(keys[i].a, keys[i].b, counters[i].a, counters[i].b);
  }
};

template <class T>
struct Uniform {
  Random random;
  std::uint64_t counter;
  T* out;
  __device__ void operator()(long long s) const { out[s] = random.uniform<T>(static_cast<std::uint32_t>(s), counter); }
};

template <class T>
struct Normal {
  Random random;
  std::uint64_t counter;
  T* out;
  __device__ void operator()(long long s) const { out[s] = random.normal<T>(static_cast<std::uint32_t>(s), counter); }
};

}  // namespace

void device_threefry2x32(int count, const Bits* keys, const Bits* counters, Bits* out) {
  for_each_index("threefry2x32", count, Threefry{keys, counters, out});
}

template <class T>
void device_uniform(const Random& random, int streams, std::uint64_t counter, T* out) {
  for_each_index("uniform", streams, Uniform<T>{random, counter, out});
}

template <class T>
void device_normal(const Random& random, int streams, std::uint64_t counter, T* out) {
  for_each_index("normal", streams, Normal<T>{random, counter, out});
}

template void device_uniform<float>(const Random&, int, std::uint64_t, float*);
template void device_uniform<double>(const Random&, int, std::uint64_t, double*);
template void device_normal<float>(const Random&, int, std::uint64_t, float*);
template void device_normal<double>(const Random&, int, std::uint64_t, double*);

}  // namespace pigrad
