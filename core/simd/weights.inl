// w̄ += ȳᵀ x: sums over samples, which lie along the vectors. One side, x or ȳ, is transposed strip by strip so that
// its columns become lanes; the other side's scalars are broadcast. So every entry of w̄ is one accumulator that takes
// the rows in ascending order by fused multiply-add, one chunk of rows at a time.

/// to[l·stride] += x[l] for the first `count` lanes l.
template <class V>
PIGRAD_INLINE void add_lanes(V x, int count, typename V::Scalar* to, ptrdiff_t stride) {
  if (stride == 1 && count >= V::width) {
    (V::load(to) + x).store(to);
    return;
  }
  typename V::Scalar own[V::width];
  x.store(own);
  for (int l = 0; l < V::width && l < count; ++l) to[l * stride] += own[l];
}

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
void outer_tile(int rows, int columns, const typename V::Scalar* y, ptrdiff_t ldy, const typename V::Scalar* t,
                Weight<typename V::Scalar> w_bar) {
  V sum[tall][packs];
  unroll<tall>([&](auto i) PIGRAD_LAMBDA { unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[i][p] = V::all(0); }); });
  for (int r = 0; r < rows; ++r, t += packs * V::width) {
    V lane[packs];
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { lane[p] = V::load(t + p * V::width); });
    unroll<tall>([&](auto i) PIGRAD_LAMBDA {
      const V bar = V::all(y[i * ldy + r]);
      unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[i][p] = fma(bar, lane[p], sum[i][p]); });
    });
  }
  unroll<tall>([&](auto i) PIGRAD_LAMBDA {
    unroll<packs>([&](auto p) PIGRAD_LAMBDA {
      typename V::Scalar* to = w_bar.data + i * w_bar.row + p * V::width * w_bar.column;
      add_lanes(sum[i][p], columns - p * V::width, to, w_bar.column);
    });
  });
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

/// w̄[i, j] += Σ_r a[i·lda + r] b[j·ldb + r] for few i ≤ `few` and every j: V::dots dot products at a time, whose
/// partial sums (row r into number r mod V::width) stay in registers over all rows.
template <class V, int few>
void dot_products(int rows, int a_columns, int b_columns, const typename V::Scalar* a, ptrdiff_t lda,
                  const typename V::Scalar* b, ptrdiff_t ldb, Weight<typename V::Scalar> w_bar) {
  using T = typename V::Scalar;
  constexpr int many = V::dots / few, groups = (few * many + V::width - 1) / V::width;
  const bool together = a_columns == few && (few == 1 || w_bar.row == 1) && w_bar.column == few;
  const T* column_a[few];
  for (int i = 0; i < few; ++i) column_a[i] = a + (i < a_columns ? i : 0) * lda;
  for (int j = 0; j < b_columns; j += many) {
    const T* column_b[many];
    for (int l = 0; l < many; ++l) column_b[l] = b + (j + l < b_columns ? j + l : j) * ldb;
    V part[groups][V::width];
    unroll<groups * V::width>([&](auto e) PIGRAD_LAMBDA { part[e / V::width][e % V::width] = V::all(0); });
    const auto add = [&](int r, auto valid) PIGRAD_LAMBDA {
      V own[few];
      unroll<few>([&](auto i) PIGRAD_LAMBDA { own[i] = valid(V::load(column_a[i] + r)); });
      unroll<many>([&](auto l) PIGRAD_LAMBDA {
        const V other = valid(V::load(column_b[l] + r));
        unroll<few>([&](auto i) PIGRAD_LAMBDA {
          V& sum = part[(l * few + i) / V::width][(l * few + i) % V::width];
          sum = fma(own[i], other, sum);
        });
      });
    };
    int r = 0;
    for (; r + V::width <= rows; r += V::width) add(r, [](V x) PIGRAD_LAMBDA { return x; });
    if (r < rows) add(r, [&](V x) PIGRAD_LAMBDA { return first_lanes(x, rows - r); });
    if (few * many == groups * V::width && together && j + many <= b_columns) {
      T* to = w_bar.data + j * few;
      unroll<groups>([&](auto g)
                         PIGRAD_LAMBDA { (V::load(to + g * V::width) + totals(part[g])).store(to + g * V::width); });
      continue;
    }
    T total[groups * V::width];
    unroll<groups>([&](auto g) PIGRAD_LAMBDA { totals(part[g]).store(total + g * V::width); });
    for (int i = 0; i < few && i < a_columns; ++i)
      for (int l = 0; l < many && j + l < b_columns; ++l)
        w_bar.data[i * w_bar.row + (j + l) * w_bar.column] += total[l * few + i];
  }
}

template <class V>
void few_columns(int rows, int a_columns, int b_columns, const typename V::Scalar* a, ptrdiff_t lda,
                 const typename V::Scalar* b, ptrdiff_t ldb, Weight<typename V::Scalar> w_bar) {
  const auto kernel = a_columns == 1   ? &dot_products<V, 1>
                      : a_columns == 2 ? &dot_products<V, 2>
                      : a_columns <= 4 ? &dot_products<V, 4>
                      : a_columns <= 6 ? &dot_products<V, 6>
                                       : &dot_products<V, 8>;
  kernel(rows, a_columns, b_columns, a, lda, b, ldb, w_bar);
}

template <class V>
void weight_vjp(int rows, int k, int n, const typename V::Scalar* y_bar, ptrdiff_t ldy, const typename V::Scalar* x,
                ptrdiff_t ldx, Weight<typename V::Scalar> w_bar, typename V::Scalar* b_bar, ptrdiff_t b_stride) {
  if (b_bar) sum<V>(rows, n, y_bar, ldy, b_bar, b_stride);
  if (!w_bar.data) return;
  if (n <= simd::few && n <= k) return few_columns<V>(rows, n, k, y_bar, ldy, x, ldx, w_bar);
  if (k <= simd::narrow) return few_columns<V>(rows, k, n, x, ldx, y_bar, ldy, {w_bar.data, w_bar.column, w_bar.row});
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
