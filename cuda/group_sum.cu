#include "group_sum.hpp"
#include "launch.cuh"

namespace pigrad {
namespace {

/// What stands at i: the vector, then the scattered scalars.
template <class T>
struct Joined {
  T* vector;
  int size;
  T* scattered;
  const std::int32_t* places;
  PIGRAD_HD T& operator()(long long i) const { return i < size ? vector[i] : scattered[places[i - size]]; }
};

template <class T>
struct TakePiece {
  Joined<T> from;
  T* piece;
  PIGRAD_HD void operator()(long long i) const { piece[i] = from(i); }
};

template <class T>
struct SumRanks {
  const T* all;
  int ranks;
  long long count;
  Joined<T> to;

  PIGRAD_HD void operator()(long long i) const {
    constexpr int levels = 31;
    T sums[levels];  // sums[l]: of 2^l neighbouring ranks, where ranks has that bit
    for (int r = 0; r < ranks; ++r) {
      T sum = all[r * count + i];
      int l = 0;
      for (; (r >> l & 1) != 0; ++l) sum = sums[l] + sum;
      sums[l] = sum;
    }
    T total = 0;
    bool any = false;
    for (int l = 0; l < levels; ++l)
      if ((ranks >> l & 1) != 0) {
        total = any ? sums[l] + total : sums[l];
        any = true;
      }
    to(i) = total;
  }
};

}  // namespace

template <class T>
DeviceGroupSum<T>::DeviceGroupSum(DeviceGroup& group, int most, const std::vector<std::int32_t>& places)
    : group_(&group),
      places_(places),
      piece_(static_cast<std::size_t>(most) + places.size()),
      all_(piece_.size() * static_cast<std::size_t>(group.size())) {}

template <class T>
std::size_t DeviceGroupSum<T>::bytes(int ranks, int most, std::size_t places) {
  return (static_cast<std::size_t>(most) + places) * static_cast<std::size_t>(ranks + 1) * sizeof(T) +
         places * sizeof(std::int32_t);
}

template <class T>
void DeviceGroupSum<T>::run(T* vector, int size, T* scattered) {
  const Joined<T> joined{vector, size, scattered, places_.data()};
  const long long count = size + static_cast<long long>(places_.size());
  for_each_index("sum of ranks", count, TakePiece<T>{joined, piece_.data()});
  group_->all_gather(piece_.data(), all_.data(), static_cast<std::size_t>(count) * sizeof(T));
  for_each_index("sum of ranks", count, SumRanks<T>{all_.data(), group_->size(), count, joined});
}

template class DeviceGroupSum<float>;
template class DeviceGroupSum<double>;

}  // namespace pigrad
