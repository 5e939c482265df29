// w̄ += ȳᵀ x: sums over samples, which lie along the vectors. One side, x or ȳ, is transposed strip by strip so that
// its columns become lanes; the other side's scalars are broadcast. So every entry of w̄ is one accumulator that takes
// the rows in ascending order by fused multiply-add, one chunk of rows at a time.

/// t[r·packs·width + l] = x[l·ldx + r] for the `columns` first lanes l, 0 in the rest.
template <class V, int packs>
void transpose_strip(int rows, int columns, const typename V::Scalar* x, ptrdiff_t ldx, typename V::Scalar* t) {
  for (int p = 0; p < packs; ++p)
    for (int r = 0; r < rows; r += V::width) {
      V block[V::width];
      const int count = columns - p * V::width;
      for (int l = 0; l < V::width; ++l) block[l] = l < count ? V::load(x + (p * V::width + l) * ldx + r) : V::all(0);
      transpose(block);
      for (int l = 0; l < V::width; ++l) block[l].store(t + ((r + l) * packs + p) * V::width);
    }
}

/// w̄[i, l] += Σ_r y[i·ldy + r] t[r, l] for `tall` outputs i and the `columns` first lanes.
template <class V, int tall, int packs>
PIGRAD_INLINE void outer_tile(int rows, int columns, const typename V::Scalar* y, ptrdiff_t ldy,
                              const typename V::Scalar* t, Weight<typename V::Scalar> w_bar) {
  V sum[tall][packs];
  for (int i = 0; i < tall; ++i)
    for (int p = 0; p < packs; ++p) sum[i][p] = V::all(0);
  for (int r = 0; r < rows; ++r) {
    V lane[packs];
    for (int p = 0; p < packs; ++p) lane[p] = V::load(t + (r * packs + p) * V::width);
    for (int i = 0; i < tall; ++i) {
      const V bar = V::all(y[i * ldy + r]);
      for (int p = 0; p < packs; ++p) sum[i][p] = fma(bar, lane[p], sum[i][p]);
    }
  }
  for (int i = 0; i < tall; ++i)
    for (int p = 0; p < packs; ++p) {
      typename V::Scalar* to = w_bar.data + i * w_bar.row + p * V::width * w_bar.column;
      const int count = columns - p * V::width;
      if (w_bar.column == 1 && count >= V::width) {
        (V::load(to) + sum[i][p]).store(to);
        continue;
      }
      typename V::Scalar own[V::width];
      sum[i][p].store(own);
      for (int l = 0; l < V::width && l < count; ++l) to[l * w_bar.column] += own[l];
    }
}

template <class V, int tall, int packs>
int outer_rows(int rows, int columns, int left, const typename V::Scalar* y, ptrdiff_t ldy, const typename V::Scalar* t,
               Weight<typename V::Scalar> w_bar) {
  if constexpr (tall > 1)
    if (left < tall) return outer_rows < V, tall == 6 ? 4 : tall / 2, packs > (rows, columns, left, y, ldy, t, w_bar);
  outer_tile<V, tall, packs>(rows, columns, y, ldy, t, w_bar);
  return tall;
}

/// One strip of at most `packs` vectors of x's columns, against every column of y.
template <class V, int packs>
int outer_strip(int rows, int lanes, int outputs, const typename V::Scalar* y, ptrdiff_t ldy,
                const typename V::Scalar* x, ptrdiff_t ldx, typename V::Scalar* t, Weight<typename V::Scalar> w_bar) {
  if constexpr (packs > 1)
    if (lanes <= (packs - 1) * V::width)
      return outer_strip<V, packs - 1>(rows, lanes, outputs, y, ldy, x, ldx, t, w_bar);
  const int columns = lanes < packs * V::width ? lanes : packs * V::width;
  transpose_strip<V, packs>(rows, columns, x, ldx, t);
  for (int i = 0; i < outputs;)
    i += outer_rows<V, V::tall_strip, packs>(rows, columns, outputs - i, y + i * ldy, ldy, t,
                                             {w_bar.data + i * w_bar.row, w_bar.row, w_bar.column});
  return columns;
}

template <class V>
void weight_vjp(int rows, int k, int n, const typename V::Scalar* y_bar, ptrdiff_t ldy, const typename V::Scalar* x,
                ptrdiff_t ldx, Weight<typename V::Scalar> w_bar, typename V::Scalar* b_bar, ptrdiff_t b_stride) {
  if (b_bar) sum<V>(rows, n, y_bar, ldy, b_bar, b_stride);
  if (!w_bar.data) return;
  const auto cost = [](int lanes, int outputs) { return lanes + 2 * outputs * ((lanes + V::width - 1) / V::width); };
  if (cost(n, k) < cost(k, n)) {
    const typename V::Scalar* swap = y_bar;
    y_bar = x, x = swap;
    const ptrdiff_t ld = ldy;
    ldy = ldx, ldx = ld;
    const int count = n;
    n = k, k = count;
    w_bar = {w_bar.data, w_bar.column, w_bar.row};
  }
  alignas(64) typename V::Scalar t[simd::row_chunk * V::wide_strip * V::width];
  for (int r = 0; r < rows; r += simd::row_chunk) {
    const int count = rows - r < simd::row_chunk ? rows - r : simd::row_chunk;
    for (int j = 0; j < k;)
      j += outer_strip<V, V::wide_strip>(count, k - j, n, y_bar + r, ldy, x + j * ldx + r, ldx, t,
                                         {w_bar.data + j * w_bar.column, w_bar.row, w_bar.column});
  }
}
