#pragma once
#include "../nn/distributions/sampling.hpp"
#include "launch.cuh"

namespace pigrad::detail {

template <class T>
struct StatisticsOfRow {
  const T* at;
  std::ptrdiff_t stride;
  PIGRAD_HD T operator()(int c) const { return at[c * stride]; }
};
template <class T>
struct ActionOfRow {
  T* at;
  std::ptrdiff_t stride;
  PIGRAD_HD T& operator()(int j) const { return at[j * stride]; }
};

/// An action a copy from its statistics (Distribution::sample).
template <class T>
struct SampleCopy {
  View<T> statistics;
  int actions;
  Random random;
  const std::uint64_t* begun;  ///< draws before the rollout
  std::uint64_t step;          ///< of the rollout
  std::int32_t* index;         ///< null: box actions
  T* action;
  std::ptrdiff_t action_ld;
  T* log_prob;
  int first = 0;  ///< the copy of row 0

  PIGRAD_HD void operator()(long long i) const { sample(first + i, i); }
  /// @param row of the statistics
  PIGRAD_HD void sample(long long copy, long long row) const {
    const auto stream = static_cast<std::uint32_t>(copy);
    const std::uint64_t counter = *begun + step;
    const StatisticsOfRow<T> of{statistics.data + row * statistics.row_stride, statistics.column_stride};
    if (index) {
      index[copy] = sample_choice(actions, of, random.template uniform<T>(stream, counter));
      log_prob[copy] = of(index[copy]);
    } else {
      log_prob[copy] =
          sample_normals<T>(actions, of, random, stream, counter, ActionOfRow<T>{action + copy, action_ld});
    }
  }
};

}  // namespace pigrad::detail
