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

/// `packs` vectors of columns of x wᵀ + b for `samples` samples at x: column i of sample s at sum[s·packs·width + i].
template <class V, int packs, int samples>
void few_rows_tile(int k, const typename V::Scalar* x, ptrdiff_t ldx, const typename V::Scalar* packed, ptrdiff_t ldp,
                   const typename V::Scalar* b, typename V::Scalar* to) {
  V sum[samples][packs];
  unroll<packs>([&](auto p) PIGRAD_LAMBDA {
    const V start = V::load(b + p * V::width);
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
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[s][p].store(to + (s * packs + p) * V::width); });
  });
}

/// y = f(x wᵀ + b) for each of `rows` samples, four at a time where registers hold their sums.
template <class V, class F>
void affine_few_rows(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx,
                     const typename V::Scalar* packed, ptrdiff_t ldp, const typename V::Scalar* b, ptrdiff_t b_stride,
                     typename V::Scalar* y, ptrdiff_t ldy) {
  using T = typename V::Scalar;
  constexpr int lanes = 64, step = 16;  // whole steps: what `pack` pads to
  constexpr int per_step = step / V::width, widest = 4 * per_step, together = 4;
  constexpr bool fits = together * widest <= 2 * V::wide_tile;
  constexpr T no_limits[2] = {};
  for (int i = 0; i < n; i += lanes) {
    const int left = n - i < lanes ? n - i : lanes;
    T own[lanes], sum[together * lanes];
    const T* start = b + i;
    if (!b || b_stride != 1 || left < lanes) {
      const int whole = left <= V::width ? V::width : lanes;
      for (int l = 0; l < whole; l += V::width) V::all(0).store(own + l);
      for (int l = 0; b && l < left; ++l) own[l] = b[(i + l) * b_stride];
      start = own;
    }
    for (int r = 0; r < rows;) {
      const bool four = rows - r >= together && (fits || left <= V::width);
      const int packs = left <= V::width ? 1 : fits && four ? widest : (left + step - 1) / step * per_step;
      const auto kernel = packs == 1 ? (four ? &few_rows_tile<V, 1, together> : &few_rows_tile<V, 1, 1>)
                                     : fits && four
                              ? &few_rows_tile < V,
                 fits ? widest : 1,
                 together >
          : packs == widest     ? &few_rows_tile<V, widest, 1>
        : packs == 3 * per_step ? &few_rows_tile<V, 3 * per_step, 1>
        : packs == 2 * per_step ? &few_rows_tile<V, 2 * per_step, 1>
                                : &few_rows_tile<V, per_step, 1>;
      kernel(k, x + r, ldx, packed + i, ldp, start, sum);
      const int samples = four ? together : 1, width = packs * V::width;
      if constexpr (!__is_same(F, Identity)) unary_forward<V, F>(width, samples, no_limits, sum, width, sum, width);
      T* to = y + i * ldy + r;
      if (four)
        for (int l = 0; l < left; ++l)
          for (int s = 0; s < together; ++s) to[l * ldy + s] = sum[s * width + l];
      else
        for (int l = 0; l < left; ++l) to[l * ldy] = sum[l];
      r += samples;
    }
  }
}
