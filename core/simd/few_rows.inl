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

/// `packs` vectors of columns of y, of which `n` count, for one sample at x and y.
template <class V, class F, int packs>
void few_rows_tile(int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, const typename V::Scalar* packed,
                   ptrdiff_t ldp, const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y,
                   ptrdiff_t ldy) {
  using T = typename V::Scalar;
  constexpr T no_limits[2] = {};
  T own[packs * V::width] = {};
  for (int i = 0; b && i < n; ++i) own[i] = b[i * b_stride];
  V sum[packs];
  unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[p] = V::load(own + p * V::width); });
  for (int j = 0; j < k; ++j, x += ldx, packed += ldp) {
    const V sample = V::all(*x);
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[p] = fma(V::load(packed + p * V::width), sample, sum[p]); });
  }
  unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[p].store(own + p * V::width); });
  if constexpr (!__is_same(F, Identity)) unary_forward<V, F>(V::width, packs, no_limits, own, V::width, own, V::width);
  for (int i = 0; i < n; ++i) y[i * ldy] = own[i];
}

/// y = f(x wᵀ + b) for each of `rows` samples.
template <class V, class F>
void affine_few_rows(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx,
                     const typename V::Scalar* packed, ptrdiff_t ldp, const typename V::Scalar* b, ptrdiff_t b_stride,
                     typename V::Scalar* y, ptrdiff_t ldy) {
  constexpr int lanes = 64, step = 16;  // whole steps: what `pack` pads to
  for (int r = 0; r < rows; ++r)
    for (int i = 0; i < n; i += lanes) {
      const int left = n - i < lanes ? n - i : lanes;
      const auto kernel = left > 3 * step   ? &few_rows_tile<V, F, 4 * step / V::width>
                          : left > 2 * step ? &few_rows_tile<V, F, 3 * step / V::width>
                          : left > step     ? &few_rows_tile<V, F, 2 * step / V::width>
                          : left > V::width ? &few_rows_tile<V, F, step / V::width>
                                            : &few_rows_tile<V, F, 1>;
      kernel(k, left, x + r, ldx, packed + i, ldp, b ? b + i * b_stride : nullptr, b_stride, y + i * ldy + r, ldy);
    }
}
