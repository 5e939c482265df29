#pragma once
#include <limits>
#include <optional>

#include "blas.hpp"
#include "product.cuh"

namespace pigrad {
namespace detail {

/// X's memory in BLAS's terms: entry (i, j) of [rows × columns].
template <class T>
struct Stored {
  int ld = 0;
  bool transposed = false;
};

template <class T>
std::optional<Stored<T>> stored(const Strided<T>& x, int rows, int columns) {
  constexpr std::ptrdiff_t most = std::numeric_limits<int>::max();
  if (x.i_stride == 1 && x.j_stride >= rows && x.j_stride <= most)
    return Stored<T>{static_cast<int>(x.j_stride), false};
  if (x.j_stride == 1 && x.i_stride >= columns && x.i_stride <= most)
    return Stored<T>{static_cast<int>(x.i_stride), true};
  return {};
}

}  // namespace detail

/// C (+)= A B in BLAS's terms, or nothing where neither side of a matrix lies next to each other. A C whose rows do is
/// made as Cᵀ = Bᵀ Aᵀ.
template <class T>
std::optional<Gemm<T>> gemm_of(int m, int n, int k, Strided<T> a, Strided<T> b, Strided<T> c, bool accumulate) {
  const auto of_a = detail::stored(a, m, k), of_b = detail::stored(b, k, n), of_c = detail::stored(c, m, n);
  if (!of_a || !of_b || !of_c) return {};
  if (of_c->transposed)
    return Gemm<T>{
        n,      m,        k,         b.data, of_b->ld, !of_b->transposed, a.data, of_a->ld, !of_a->transposed,
        c.data, of_c->ld, accumulate};
  return Gemm<T>{m,      n,        k,         a.data, of_a->ld, of_a->transposed, b.data, of_b->ld, of_b->transposed,
                 c.data, of_c->ld, accumulate};
}

}  // namespace pigrad
