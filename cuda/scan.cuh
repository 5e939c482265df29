#pragma once
#include <cstdint>

#include "launch.cuh"
#include "scan.hpp"

namespace pigrad {
namespace detail {

constexpr int scan_threads = 256, scanned_by_thread = scanned_by_block / scan_threads;

/// sums[i] becomes Σ_{k<i} sums[k], by one thread: few, or once a block.
struct SumBefore {
  std::int32_t* sums;
  int count;
  std::int32_t* total;

  PIGRAD_HD void operator()(long long) const {
    std::int32_t before = 0;
    for (int i = 0; i < count; ++i) {
      const std::int32_t own = sums[i];
      sums[i] = before;
      before += own;
    }
    if (total) *total = before;
  }
};

/// The numbers of one thread of a block.
template <class F>
struct Scanned {
  F f;
  long long count;

  PIGRAD_HD long long first(const Block& block, int thread) const {
    return block.index() * scanned_by_block + static_cast<long long>(thread) * scanned_by_thread;
  }
  PIGRAD_HD std::int32_t sum(const Block& block, int thread) const {
    std::int32_t own = 0;
    const long long begin = first(block, thread);
    for (long long i = begin; i < begin + scanned_by_thread && i < count; ++i) own += f(i);
    return own;
  }
};

template <class F>
struct SumOfBlock {
  Scanned<F> numbers;
  std::int32_t* blocks;

  PIGRAD_HD void operator()(const Block& block) const {
    auto* sums = block.shared<std::int32_t>();
    block.each([&](int t) { sums[t] = numbers.sum(block, t); });
    block.each([&](int t) {
      if (t != 0) return;
      std::int32_t sum = 0;
      for (int i = 0; i < scan_threads; ++i) sum += sums[i];
      blocks[block.index()] = sum;
    });
  }
};

/// store(i, Σ_{k<i} f(k)).
template <class F, class Store>
struct SumsWithinBlock {
  Scanned<F> numbers;
  const std::int32_t* blocks;
  Store store;

  PIGRAD_HD void operator()(const Block& block) const {
    auto* sums = block.shared<std::int32_t>();
    block.each([&](int t) { sums[t] = numbers.sum(block, t); });
    block.each([&](int t) {
      if (t == 0) SumBefore{sums, scan_threads, nullptr}(0);
    });
    block.each([&](int t) {
      std::int32_t before = blocks[block.index()] + sums[t];
      const long long begin = numbers.first(block, t);
      for (long long i = begin; i < begin + scanned_by_thread && i < numbers.count; ++i) {
        store(i, before);
        before += numbers.f(i);
      }
    });
  }
};

struct StoreSum {
  std::int32_t* out;
  PIGRAD_HD void operator()(long long i, std::int32_t sum) const { out[i] = sum; }
};

}  // namespace detail

/// store(i, Σ_{k<i} f(k)) for every i in [0, count), and the sum of all to *total.
/// @param scratch [scan_scratch(count)] in device memory
template <class F, class Store>
void scan(const char* where, long long count, const F& f, const Store& store, std::int32_t* total,
          std::int32_t* scratch) {
  using namespace detail;
  const int blocks = static_cast<int>(scan_scratch(count));
  constexpr std::size_t shared = scan_threads * sizeof(std::int32_t);
  const Scanned<F> numbers{f, count};
  for_each_block(where, blocks, scan_threads, shared, SumOfBlock<F>{numbers, scratch});
  for_each_index(where, 1, SumBefore{scratch, blocks, total});
  for_each_block(where, blocks, scan_threads, shared, SumsWithinBlock<F, Store>{numbers, scratch, store});
}

/// out[i] = Σ_{k<i} f(k) for every i in [0, count].
/// @param out [count + 1] in device memory
/// @param scratch [scan_scratch(count)] in device memory
template <class F>
void sums_before(const char* where, long long count, const F& f, std::int32_t* out, std::int32_t* scratch) {
  scan(where, count, f, detail::StoreSum{out}, out + count, scratch);
}

}  // namespace pigrad
