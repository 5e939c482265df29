// y = f(x wᵀ + b) in tiles of `outputs` columns of y by `packs` vectors of samples, held in registers over all of k. In
// every tile a sample's sum is one accumulator that starts from b and takes k in ascending order by fused multiply-add.

enum Stride { any_stride, unit_row, unit_column };

template <class V, int outputs, int packs, Stride stride>
void product_tile(int k, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
                  const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy,
                  bool accumulate) {
  const ptrdiff_t row = stride == unit_row ? 1 : w.row, column = stride == unit_column ? 1 : w.column;
  V sum[outputs][packs];
  for (int i = 0; i < outputs; ++i) {
    const V start = V::all(b ? b[i * b_stride] : 0);
    for (int p = 0; p < packs; ++p) sum[i][p] = accumulate ? V::load(y + i * ldy + p * V::width) : start;
  }
  for (int j = 0; j < k; ++j) {
    const typename V::Scalar* x_j = x + j * ldx;
    const typename V::Scalar* w_j = w.data + j * column;
    if constexpr (outputs < packs) {
      V weight[outputs];
      for (int i = 0; i < outputs; ++i) weight[i] = V::all(w_j[i * row]);
      for (int p = 0; p < packs; ++p) {
        const V sample = V::load(x_j + p * V::width);
        for (int i = 0; i < outputs; ++i) sum[i][p] = fma(weight[i], sample, sum[i][p]);
      }
    } else {
      V sample[packs];
      for (int p = 0; p < packs; ++p) sample[p] = V::load(x_j + p * V::width);
      for (int i = 0; i < outputs; ++i) {
        const V weight = V::all(w_j[i * row]);
        for (int p = 0; p < packs; ++p) sum[i][p] = fma(weight, sample[p], sum[i][p]);
      }
    }
  }
  for (int i = 0; i < outputs; ++i)
    for (int p = 0; p < packs; ++p) sum[i][p].store(y + i * ldy + p * V::width);
}

/// All n columns of y for `packs` vectors of samples.
template <class V, int packs, int outputs, Stride stride>
void product_columns(int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
                     const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy,
                     bool accumulate) {
  int i = 0;
  for (; i + outputs <= n; i += outputs)
    product_tile<V, outputs, packs, stride>(k, x, ldx, {w.data + i * w.row, w.row, w.column},
                                            b ? b + i * b_stride : nullptr, b_stride, y + i * ldy, ldy, accumulate);
  if constexpr (outputs > 1)
    if (i < n)
      product_columns<V, packs, outputs / 2, stride>(k, n - i, x, ldx, {w.data + i * w.row, w.row, w.column},
                                                     b ? b + i * b_stride : nullptr, b_stride, y + i * ldy, ldy,
                                                     accumulate);
}

/// The same, k chunk by chunk so that the chunk's samples stay in the first cache, and f at the end.
template <class V, class F, int packs, int outputs>
void product_rows(int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
                  const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy,
                  bool accumulate) {
  constexpr int chunk = 128;
  const auto columns = w.column == 1 ? &product_columns<V, packs, outputs, unit_column>
                       : w.row == 1  ? &product_columns<V, packs, outputs, unit_row>
                                     : &product_columns<V, packs, outputs, any_stride>;
  for (int j = 0; j < k; j += chunk)
    columns(k - j < chunk ? k - j : chunk, n, x + j * ldx, ldx, {w.data + j * w.column, w.row, w.column}, b, b_stride,
            y, ldy, accumulate || j > 0);
  if constexpr (!__is_same(F, Identity)) {
    const Limits<V> none{V::all(0), V::all(0)};
    for (int i = 0; i < n; ++i)
      for (int p = 0; p < packs; ++p) {
        typename V::Scalar* y_i = y + i * ldy + p * V::width;
        F::value(V::load(y_i), none).store(y_i);
      }
  }
}

/// Every row: tiles of `packs` vectors, then narrower ones.
template <class V, class F, int packs, int outputs>
void product(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
             const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy, bool accumulate) {
  int r = 0;
  for (; r + (packs - 1) * V::width < rows; r += packs * V::width)
    product_rows<V, F, packs, outputs>(k, n, x + r, ldx, w, b, b_stride, y + r, ldy, accumulate);
  if constexpr (packs > 1)
    if (r < rows)
      product<V, F, packs == 6 ? 3 : packs - 1, outputs>(rows - r, k, n, x + r, ldx, w, b, b_stride, y + r, ldy,
                                                         accumulate);
}

template <class V, class F>
void affine(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
            const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy, bool accumulate) {
  if (n > 2)
    product<V, F, 3, V::wide_tile>(rows, k, n, x, ldx, w, b, b_stride, y, ldy, accumulate);
  else
    product<V, F, 6, 2>(rows, k, n, x, ldx, w, b, b_stride, y, ldy, accumulate);
}
