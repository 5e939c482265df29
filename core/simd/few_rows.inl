// Forward of a few samples: a vector holds columns of y instead of samples. The weights are packed for it, column j of
// w in the run packed + j·ldp. A sample's sum starts from b and takes k in ascending order by fused multiply-add, as in
// the tiles of products.inl, so its bits are the same.

/// packed[j·ldp + i] = w[i·k + j] for the n rows of w [n×k], zeros up to ldp, a multiple of 16.
template <class V>
void pack(int k, int n, const typename V::Scalar* w, typename V::Scalar* packed, ptrdiff_t ldp) {
  for (int i = 0; i < ldp; i += V::width)
    for (int j = 0; j < k; j += V::width) {
      V block[V::width];
      for (int l = 0; l < V::width; ++l) {
        if (i + l < n && j + V::width <= k) {
          block[l] = V::load(w + (i + l) * k + j);
          continue;
        }
        typename V::Scalar own[V::width] = {};
        for (int m = 0; i + l < n && j + m < k && m < V::width; ++m) own[m] = w[(i + l) * k + j + m];
        block[l] = V::load(own);
      }
      transpose(block);
      for (int m = 0; m < V::width && j + m < k; ++m) block[m].store(packed + (j + m) * ldp + i);
    }
}

/// `packs` vectors of columns of y, of which `n` count, for `samples` samples at x and y.
template <class V, class F, int packs, int samples>
void few_rows_tile(int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, const typename V::Scalar* packed,
                   ptrdiff_t ldp, const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y,
                   ptrdiff_t ldy) {
  using T = typename V::Scalar;
  constexpr int lanes = packs * V::width;
  const Limits<V> none{V::all(0), V::all(0)};
  T own[samples][lanes] = {};
  if (b && b_stride == 1 && n == lanes)
    for (int i = 0; i < lanes; i += V::width) V::load(b + i).store(own[0] + i);
  else
    for (int i = 0; b && i < n; ++i) own[0][i] = b[i * b_stride];
  V sum[samples][packs];
  unroll<packs>([&](auto p) PIGRAD_LAMBDA {
    const V start = V::load(own[0] + p * V::width);
    unroll<samples>([&](auto s) PIGRAD_LAMBDA { sum[s][p] = start; });
  });
  for (int j = 0; j < k; ++j, x += ldx, packed += ldp) {
    V weight[packs];
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { weight[p] = V::load(packed + p * V::width); });
    unroll<samples>([&](auto s) PIGRAD_LAMBDA {
      const V sample = V::all(x[s]);
      unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[s][p] = fma(weight[p], sample, sum[s][p]); });
    });
  }
  unroll<samples>([&](auto s) PIGRAD_LAMBDA {
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { F::value(sum[s][p], none).store(own[s] + p * V::width); });
  });
  for (int i = 0; i < n; ++i) unroll<samples>([&](auto s) PIGRAD_LAMBDA { y[i * ldy + s] = own[s][i]; });
}

/// y = f(x wᵀ + b) for each of `rows` samples, four at a time where registers hold their sums.
template <class V, class F>
void affine_few_rows(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx,
                     const typename V::Scalar* packed, ptrdiff_t ldp, const typename V::Scalar* b, ptrdiff_t b_stride,
                     typename V::Scalar* y, ptrdiff_t ldy) {
  constexpr int lanes = 64, step = 16;  // whole steps: what `pack` pads to
  constexpr int together = 4, widest = 4 * step / V::width, fitting = 2 * V::wide_tile / together;
  for (int r = 0; r < rows;) {
    const bool four = rows - r >= together && (widest <= fitting || n <= V::width);
    for (int i = 0; i < n; i += lanes) {
      const int left = n - i < lanes ? n - i : lanes;
      const auto kernel = left <= V::width ? (four ? &few_rows_tile<V, F, 1, together> : &few_rows_tile<V, F, 1, 1>)
                                           : widest <= fitting && four
                              ? &few_rows_tile < V,
                 F, widest <= fitting ? widest : 1,
                 together >
          : left > 3 * step ? &few_rows_tile<V, F, widest, 1>
        : left > 2 * step   ? &few_rows_tile<V, F, 3 * step / V::width, 1>
        : left > step       ? &few_rows_tile<V, F, 2 * step / V::width, 1>
                            : &few_rows_tile<V, F, step / V::width, 1>;
      kernel(k, left, x + r, ldx, packed + i, ldp, b ? b + i * b_stride : nullptr, b_stride, y + i * ldy + r, ldy);
    }
    r += four ? together : 1;
  }
}
