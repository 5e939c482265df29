#pragma once
#include <algorithm>

#include "activation.cuh"
#include "kernels.hpp"
#include "launch.cuh"

namespace pigrad {

/// a·b + c, on the device in one rounding.
template <class T>
PIGRAD_HD inline T multiply_add(T a, T b, T c) {
#if defined(__CUDA_ARCH__)
  return fma(a, b, c);
#else
  return a * b + c;
#endif
}

/// Element (i, j) is data[i·i_stride + j·j_stride].
template <class T>
struct Strided {
  T* data = nullptr;
  std::ptrdiff_t i_stride = 0, j_stride = 0;
  PIGRAD_HD T& operator()(long long i, long long j) const { return data[i * i_stride + j * j_stride]; }
  PIGRAD_HD explicit operator bool() const { return data != nullptr; }
};

/// What becomes of an entry's sum before it is stored. f of it:
template <class T, DeviceActivation f>
struct Activated {
  PIGRAD_HD T operator()(long long, long long, T sum) const { return activate(f, sum); }
};
template <class T>
using Unchanged = Activated<T, DeviceActivation::none>;
/// Its product with f′, by f's output at the same entry.
template <class T>
struct Sloped {
  DeviceActivation f;
  Strided<T> output;
  PIGRAD_HD T operator()(long long i, long long j, T sum) const { return sum * slope(f, output(i, j)); }
};

namespace detail {

/// C = start + A B over a part of the contraction: A [m×k], B [k×n], in tiles of M×N that a block computes, TM×TN
/// entries a thread. Every entry sums in ascending order of k.
template <class T, int M, int N, int TM, int TN, class Finish = Unchanged<T>>
struct TileProduct {
  static constexpr int K = 16;
  static constexpr int threads_i = M / TM, threads_j = N / TN, threads = threads_i * threads_j;
  static constexpr int a_ld = M + 1, b_ld = N + 4;  // against bank conflicts where k runs fastest
  static constexpr std::size_t shared_bytes = sizeof(T) * K * (a_ld + b_ld);

  int m, n;
  long long k, k_a_part;
  Strided<T> a, b, c;
  std::ptrdiff_t part_stride;  ///< between the parts' results
  Strided<T> start;            ///< entry (0, j) begins column j's sums; null: 0
  bool accumulate;             ///< C += A B
  Finish finish = {};

  struct Sums {
    T of[TM][TN];
  };

  PIGRAD_HD void operator()(const Block& block) const {
    const int tiles_j = (n + N - 1) / N, tiles = (m + M - 1) / M * tiles_j;
    const long long part = block.index() / tiles;
    const int tile = static_cast<int>(block.index() % tiles), i0 = tile / tiles_j * M, j0 = tile % tiles_j * N;
    const long long k_begin = part * k_a_part, k_end = k_begin + k_a_part < k ? k_begin + k_a_part : k;
    T *as = block.shared<T>(), *bs = as + K * a_ld;
    PerThread<Sums> sums(block);
    block.each([&](int t) {
      for (int y = 0; y < TN; ++y) {
        const int j = j0 + t / threads_i * TN + y;
        for (int x = 0; x < TM; ++x) sums[t].of[x][y] = start && j < n ? start(0, j) : T(0);
      }
    });
    for (long long k0 = k_begin; k0 < k_end; k0 += K) {
      block.each([&](int t) {
        load(t, as, a_ld, M, m - i0, a.i_stride, a.j_stride, a.data + i0 * a.i_stride + k0 * a.j_stride, k_end - k0);
        load(t, bs, b_ld, N, n - j0, b.j_stride, b.i_stride, b.data + j0 * b.j_stride + k0 * b.i_stride, k_end - k0);
      });
      block.each([&](int t) {
        const int ti = t % threads_i, tj = t / threads_i;
        for (int q = 0; q < K; ++q) {
          T x[TM], y[TN];
          for (int u = 0; u < TM; ++u) x[u] = as[q * a_ld + ti + u * threads_i];
          for (int v = 0; v < TN; ++v) y[v] = bs[q * b_ld + tj * TN + v];
          for (int u = 0; u < TM; ++u)
            for (int v = 0; v < TN; ++v) sums[t].of[u][v] = multiply_add(x[u], y[v], sums[t].of[u][v]);
        }
      });
    }
    block.each([&](int t) {
      for (int v = 0; v < TN; ++v)
        for (int u = 0; u < TM; ++u) {
          const int i = i0 + t % threads_i + u * threads_i, j = j0 + t / threads_i * TN + v;
          if (i >= m || j >= n) continue;
          T& to = (&c(i, j))[part * part_stride];
          to = accumulate ? to + sums[t].of[u][v] : finish(i, j, sums[t].of[u][v]);
        }
    });
  }

 private:
  /// to[q·ld + i] = from[i·stride + q·k_stride], zero beyond `valid` and `k_valid`; neighbouring threads read what lies
  /// next to each other.
  PIGRAD_HD static void load(int t, T* to, int ld, int wide, int valid, std::ptrdiff_t stride, std::ptrdiff_t k_stride,
                             const T* from, long long k_valid) {
    const bool along = stride == 1;
    for (int e = t; e < wide * K; e += threads) {
      const int i = along ? e % wide : e / K, q = along ? e / wide : e % K;
      to[q * ld + i] = i < valid && q < k_valid ? from[i * stride + q * k_stride] : T(0);
    }
  }
};

/// The same for few columns: one thread a row.
template <class T, int N, class Finish>
struct RowProduct {
  int n, k;
  Strided<T> a, b, c, start;
  bool accumulate;
  Finish finish;

  PIGRAD_HD void operator()(long long i) const {
    T sums[N];
    for (int j = 0; j < N; ++j) sums[j] = start && j < n ? start(0, j) : T(0);
    for (int q = 0; q < k; ++q) {
      const T x = a(i, q);
      for (int j = 0; j < N; ++j)
        if (j < n) sums[j] = multiply_add(x, b(q, j), sums[j]);
    }
    for (int j = 0; j < N; ++j)
      if (j < n) c(i, j) = accumulate ? c(i, j) + sums[j] : finish(i, j, sums[j]);
  }
};

/// The same for a short contraction: one thread an entry.
template <class T, class Finish>
struct EntryProduct {
  int m, k;
  Strided<T> a, b, c, start;
  bool accumulate;
  Finish finish;

  PIGRAD_HD void operator()(long long e) const {
    const long long i = e % m, j = e / m;
    T sum = start ? start(0, j) : T(0);
    for (int q = 0; q < k; ++q) sum = multiply_add(a(i, q), b(q, j), sum);
    c(i, j) = accumulate ? c(i, j) + sum : finish(i, j, sum);
  }
};

template <class T>
struct AddParts {
  const T* parts;
  int count, n;
  long long size;
  Strided<T> c;

  PIGRAD_HD void operator()(long long e) const {
    T sum = 0;
    for (int p = 0; p < count; ++p) sum += parts[p * size + e];
    c(e / n, e % n) += sum;
  }
};

}  // namespace detail

/// C = finish(start + A B), or C += A B, unfinished: A [m×k], B [k×n], start's entry (0, j) for every row of column j.
/// An entry's bits depend on its row of A, its column of B and its start alone.
template <class T, class Finish = Unchanged<T>>
void product(const char* where, int m, int n, int k, Strided<T> a, Strided<T> b, Strided<T> c, Strided<T> start,
             bool accumulate, const Finish& finish = {}) {
  constexpr int few = 8;
  if (m <= 0 || n <= 0) return;
  if (k <= few)
    return for_each_index(where, static_cast<long long>(m) * n,
                          detail::EntryProduct<T, Finish>{m, k, a, b, c, start, accumulate, finish});
  if (n <= few)
    return for_each_index(where, m, detail::RowProduct<T, few, Finish>{n, k, a, b, c, start, accumulate, finish});
  using Tile = detail::TileProduct<T, 128, 64, 4, 8, Finish>;
  const long long tiles = static_cast<long long>((m + 127) / 128) * ((n + 63) / 64);
  for_each_block(where, tiles, Tile::threads, Tile::shared_bytes,
                 Tile{m, n, k, k, a, b, c, 0, start, accumulate, finish});
}

namespace detail {

template <class T, int M, int N, int TM, int TN>
void parts_over_rows(const char* where, int m, int n, long long rows, long long chunk, Strided<T> a, Strided<T> b,
                     Strided<T> c, T* scratch) {
  using Tile = TileProduct<T, M, N, TM, TN>;
  const long long parts = (rows + chunk - 1) / chunk, size = static_cast<long long>(m) * n;
  const long long tiles = static_cast<long long>((m + M - 1) / M) * ((n + N - 1) / N);
  const bool whole = parts == 1;
  Strided<T> to = c;  // nvcc 13.0 breaks on a conditional expression here
  if (!whole) to = {scratch, n, 1};
  for_each_block(where, tiles * parts, Tile::threads, Tile::shared_bytes,
                 Tile{m,
                      n,
                      rows,
                      chunk,
                      Strided<T>{a.data, a.j_stride, a.i_stride},
                      b,
                      to,
                      static_cast<std::ptrdiff_t>(whole ? 0 : size),
                      {},
                      whole});
  if (!whole) for_each_index(where, size, AddParts<T>{scratch, static_cast<int>(parts), n, size, c});
}

}  // namespace detail

/// C += Aᵀ B, summed over `rows`: A [rows×m], B [rows×n]. The rows are cut into parts by m, n and their number alone.
/// @param scratch [scratch_scalars] in device memory
template <class T>
void product_over_rows(const char* where, int m, int n, long long rows, Strided<T> a, Strided<T> b, Strided<T> c,
                       T* scratch) {
  constexpr int few = 8;
  if (m <= 0 || n <= 0 || rows <= 0) return;
  if (n < m && n <= few)
    return product_over_rows(where, n, m, rows, b, a, Strided<T>{c.data, c.j_stride, c.i_stride}, scratch);
  constexpr long long least = 512, most_parts = 512;
  const long long size = static_cast<long long>(m) * n;
  const long long fitting = std::max(1LL, std::min(most_parts, static_cast<long long>(scratch_scalars) / size));
  const long long chunk = std::max(least, ((rows + fitting - 1) / fitting + 15) / 16 * 16);
  if (m <= few)
    detail::parts_over_rows<T, 8, 64, 2, 2>(where, m, n, rows, chunk, a, b, c, scratch);
  else
    detail::parts_over_rows<T, 64, 64, 4, 4>(where, m, n, rows, chunk, a, b, c, scratch);
}

}  // namespace pigrad
