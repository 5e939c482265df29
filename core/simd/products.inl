// y = f(x wᵀ + b) in tiles of `outputs` columns of y by `packs` vectors of samples, held in registers over all of k. In
// every tile a sample's sum is one accumulator that starts from b and takes k in ascending order by fused multiply-add.

enum Stride { any_stride, unit_row, unit_column };

template <class V, int outputs, int packs, Stride stride>
PIGRAD_INLINE void product_tile(int k, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
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

/// `outputs` columns of y for all rows.
template <class V, int outputs, Stride stride>
void product_strip(int rows, int k, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
                   const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy,
                   bool accumulate) {
  constexpr int packs = outputs > 2 ? 3 : 6;
  int r = 0;
  for (; r + (packs - 1) * V::width < rows; r += packs * V::width)
    product_tile<V, outputs, packs, stride>(k, x + r, ldx, w, b, b_stride, y + r, ldy, accumulate);
  if (r + V::width < rows) {
    for (; r + V::width < rows; r += 2 * V::width)
      product_tile<V, outputs, 2, stride>(k, x + r, ldx, w, b, b_stride, y + r, ldy, accumulate);
  }
  for (; r < rows; r += V::width)
    product_tile<V, outputs, 1, stride>(k, x + r, ldx, w, b, b_stride, y + r, ldy, accumulate);
}

/// As many of the n columns as the widest strip takes; returns how many.
template <class V, int outputs, Stride stride>
int product_columns(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx,
                    Weight<const typename V::Scalar> w, const typename V::Scalar* b, ptrdiff_t b_stride,
                    typename V::Scalar* y, ptrdiff_t ldy, bool accumulate) {
  if constexpr (outputs > 1)
    if (n < outputs)
      return product_columns<V, outputs / 2, stride>(rows, k, n, x, ldx, w, b, b_stride, y, ldy, accumulate);
  product_strip<V, outputs, stride>(rows, k, x, ldx, w, b, b_stride, y, ldy, accumulate);
  return outputs;
}

template <class V, class F>
void affine(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
            const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy, bool accumulate) {
  const auto columns = w.column == 1 ? &product_columns<V, V::wide_tile, unit_column>
                       : w.row == 1  ? &product_columns<V, V::wide_tile, unit_row>
                                     : &product_columns<V, V::wide_tile, any_stride>;
  const Limits<V> none{V::all(0), V::all(0)};
  for (int i = 0; i < n;) {
    typename V::Scalar* y_i = y + i * ldy;
    const int done = columns(rows, k, n - i, x, ldx, {w.data + i * w.row, w.row, w.column},
                             b ? b + i * b_stride : nullptr, b_stride, y_i, ldy, accumulate);
    if constexpr (!__is_same(F, Identity))
      for (int c = 0; c < done; ++c)
        for (int r = 0; r < rows; r += V::width) F::value(V::load(y_i + c * ldy + r), none).store(y_i + c * ldy + r);
    i += done;
  }
}
