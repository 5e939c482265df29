#pragma once
#include <algorithm>

#include "kernels.hpp"
#include "launch.cuh"

namespace pigrad {
namespace detail {

constexpr int sum_threads = 256;

/// The sum of every thread's number, by halves: thread 0 of `sums` [threads] has it after.
template <class T>
PIGRAD_HD void add_up(const Block& block, T* sums) {
  for (int half = block.threads() / 2; half > 0; half /= 2)
    block.each([&](int thread) {
      if (thread < half) sums[thread] += sums[thread + half];
    });
}

/// Column c's rows [part·chunk, (part + 1)·chunk), block part·columns + c.
template <class T, class F, class Store>
struct SumOfChunk {
  F f;
  Store store;
  T* parts;  ///< [parts × columns], or null: one part, stored at once
  int columns;
  long long rows, chunk;

  PIGRAD_HD void operator()(const Block& block) const {
    T* sums = block.shared<T>();
    const int c = static_cast<int>(block.index() % columns);
    const long long begin = block.index() / columns * chunk, end = begin + chunk < rows ? begin + chunk : rows;
    block.each([&](int thread) {
      T sum = 0;
      for (long long r = begin + thread; r < end; r += block.threads()) sum += f(c, static_cast<int>(r));
      sums[thread] = sum;
    });
    add_up(block, sums);
    block.each([&](int thread) {
      if (thread != 0) return;
      if (parts)
        parts[block.index()] = sums[0];
      else
        store(c, sums[0]);
    });
  }
};

template <class T, class Store>
struct SumOfParts {
  const T* parts;
  Store store;
  int columns, count;

  PIGRAD_HD void operator()(const Block& block) const {
    T* sums = block.shared<T>();
    const int c = static_cast<int>(block.index());
    block.each([&](int thread) {
      T sum = 0;
      for (int p = thread; p < count; p += block.threads()) sum += parts[static_cast<long long>(p) * columns + c];
      sums[thread] = sum;
    });
    add_up(block, sums);
    block.each([&](int thread) {
      if (thread == 0) store(c, sums[0]);
    });
  }
};

/// An adjoint that all rows share.
template <class T>
struct AddToRow {
  Panel<T> in_bar;
  PIGRAD_HD void operator()(int c, T sum) const { in_bar.add(c, 0, sum); }
};

template <class T, class F>
struct AddEach {
  long long rows;
  F f;
  Panel<T> in_bar;

  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i / rows), r = static_cast<int>(i % rows);
    in_bar.add(c, r, f(c, r));
  }
};

}  // namespace detail

/// store(c, Σ_r f(c, r)) for every column c in [0, columns), r in [0, rows): 256 sums in a tree over chunks of rows,
/// and the chunks' in another, all by the number of rows alone.
/// @param scratch [sum_scratch(columns)] in device memory
template <class T, class F, class Store>
void sum_over_rows(const char* where, int columns, long long rows, const F& f, const Store& store, T* scratch) {
  using namespace detail;
  if (columns <= 0) return;
  constexpr long long least = 16 * sum_threads;
  const long long fitting = std::max(1LL, std::min(most_sum_parts, static_cast<long long>(scratch_scalars) / columns));
  const long long chunk = std::max(least, (rows + fitting - 1) / fitting);
  const long long parts = std::max(1LL, (rows + chunk - 1) / chunk);
  constexpr std::size_t shared = sum_threads * sizeof(T);
  for_each_block(where, parts * columns, sum_threads, shared,
                 SumOfChunk<T, F, Store>{f, store, parts > 1 ? scratch : nullptr, columns, rows, chunk});
  if (parts > 1)
    for_each_block(where, columns, sum_threads, shared,
                   SumOfParts<T, Store>{scratch, store, columns, static_cast<int>(parts)});
}

/// An operand's adjoint gets f(c, r) at column c of row r, or, where it is the same row for all of them, the sums over
/// the rows.
/// @param scratch [sum_scratch(columns)] in device memory
template <class T, class F>
void add_adjoints(const char* where, int columns, int rows, const F& f, const Panel<T>& in_bar, T* scratch) {
  if (!in_bar || rows <= 0 || columns <= 0) return;
  if (in_bar.row_stride == 0)
    sum_over_rows(where, columns, rows, f, detail::AddToRow<T>{in_bar}, scratch);
  else
    for_each_index(where, static_cast<long long>(rows) * columns, detail::AddEach<T, F>{rows, f, in_bar});
}

}  // namespace pigrad
