#pragma once
#include <cstddef>

namespace pigrad {
namespace detail {

constexpr int scanned_by_block = 2048;

}  // namespace detail

/// Numbers that sums_before needs to put the sums of so many aside.
constexpr std::size_t scan_scratch(long long count) {
  return static_cast<std::size_t>((count + detail::scanned_by_block - 1) / detail::scanned_by_block);
}

}  // namespace pigrad
