#include "../rl/shuffle.hpp"
#include "launch.cuh"
#include "round.hpp"

namespace pigrad {
namespace {

struct Put {
  RoundNumbers numbers;
  RoundNumbers* to;
  PIGRAD_HD void operator()(long long) const { *to = numbers; }
};

template <class T>
struct SetNumber {
  const double* from;
  T* to;
  PIGRAD_HD void operator()(long long) const { *to = static_cast<T>(*from); }
};

struct ShuffledRow {
  std::uint32_t rows;
  Random random;
  const std::uint32_t* first_pass;
  std::uint32_t pass;
  std::int32_t* order;
  PIGRAD_HD void operator()(long long i) const {
    const Permutation p(rows, random, *first_pass + pass);
    order[i] = static_cast<std::int32_t>(p(static_cast<std::uint32_t>(i)));
  }
};

}  // namespace

void put(const RoundNumbers& numbers, RoundNumbers* device) { for_each_index("round", 1, Put{numbers, device}); }

template <class T>
void set_number(const double* from, T* to) {
  for_each_index("round", 1, SetNumber<T>{from, to});
}

void shuffle_on_device(int rows, const Random& random, const std::uint32_t* first_pass, int pass, std::int32_t* order) {
  for_each_index(
      "shuffle", rows,
      ShuffledRow{static_cast<std::uint32_t>(rows), random, first_pass, static_cast<std::uint32_t>(pass), order});
}

template void set_number(const double*, float*);
template void set_number(const double*, double*);

}  // namespace pigrad
