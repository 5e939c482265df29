// y = x wᵀ + b in tiles of `outputs` columns of y by `packs` vectors of samples, held in registers over all of k. In
// every tile a sample's sum is one accumulator that starts from b and takes k in ascending order by fused multiply-add.

enum Stride { unit_row, unit_column };

template <class V>
struct ProductTile {
  using T = typename V::Scalar;
  int k;
  const T* x;
  ptrdiff_t ldx;
  Weight<const T> w;
  const T* b;
  ptrdiff_t b_stride;
  T* y;
  ptrdiff_t ldy;
  bool accumulate;

  /// The tile `outputs` further down.
  ProductTile below(int outputs) const {
    ProductTile next = *this;
    next.w.data += outputs * w.row;
    if (b) next.b += outputs * b_stride;
    next.y += outputs * ldy;
    return next;
  }
  /// The tile `samples` further along.
  ProductTile along(int samples) const {
    ProductTile next = *this;
    next.x += samples;
    next.y += samples;
    return next;
  }
};

template <class V, int outputs, int packs, Stride stride>
void product_tile(const ProductTile<V>& t) {
  using T = typename V::Scalar;
  const ptrdiff_t row = stride == unit_row ? 1 : t.w.row, column = stride == unit_column ? 1 : t.w.column;
  const ptrdiff_t ldx = t.ldx, ldy = t.ldy;
  T* const y = t.y;
  V sum[outputs][packs];
  if (t.accumulate) {
    unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
      unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[i][p] = V::load(y + i * ldy + p * V::width); });
    });
  } else {
    const T zero = 0, *const b = t.b ? t.b : &zero;
    const ptrdiff_t b_stride = t.b ? t.b_stride : 0;
    unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
      const V start = V::all(b[i * b_stride]);
      unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[i][p] = start; });
    });
  }
  const T *x = t.x, *w = t.w.data;
  for (int j = 0; j < t.k; ++j, x += ldx, w += column) {
    if constexpr (outputs < packs) {
      V weight[outputs];
      unroll<outputs>([&](auto i) PIGRAD_LAMBDA { weight[i] = V::all(w[i * row]); });
      unroll<packs>([&](auto p) PIGRAD_LAMBDA {
        const V sample = V::load(x + p * V::width);
        unroll<outputs>([&](auto i) PIGRAD_LAMBDA { sum[i][p] = fma(weight[i], sample, sum[i][p]); });
      });
    } else {
      V sample[packs];
      unroll<packs>([&](auto p) PIGRAD_LAMBDA { sample[p] = V::load(x + p * V::width); });
      unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
        const V weight = V::all(w[i * row]);
        unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[i][p] = fma(weight, sample[p], sum[i][p]); });
      });
    }
  }
  unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[i][p].store(y + i * ldy + p * V::width); });
  });
}

/// All n columns of y for `packs` vectors of samples.
template <class V, int outputs, int packs, Stride stride>
void product_columns(int n, ProductTile<V> t) {
  for (; n >= outputs; n -= outputs, t = t.below(outputs)) product_tile<V, outputs, packs, stride>(t);
  if constexpr (outputs > 1)
    if (n > 0) product_columns<V, outputs / 2, packs, stride>(n, t);
}

/// The same, k chunk by chunk so that the chunk's samples stay in the first cache.
template <class V, int outputs, int packs, Stride stride>
void product_rows(int n, ProductTile<V> t) {
  constexpr int chunk = 128;
  for (int left = t.k; left > chunk; left -= chunk) {
    t.k = chunk;
    product_columns<V, outputs, packs, stride>(n, t);
    t.x += chunk * t.ldx, t.w.data += chunk * t.w.column, t.accumulate = true;
    t.k = left - chunk;
  }
  product_columns<V, outputs, packs, stride>(n, t);
}

/// `take` ≤ packs vectors of samples.
template <class V, int outputs, int packs, Stride stride>
void product_vectors(int take, int n, const ProductTile<V>& t) {
  constexpr int fewer = packs > 3 ? 3 : packs - 1;
  if constexpr (packs > 1)
    if (take < packs) return product_vectors<V, outputs, fewer, stride>(take, n, t);
  // One vector of samples: as many sums again, or each would wait for itself.
  constexpr int tall = packs == 1 && outputs == V::wide_tile ? 2 * outputs : outputs;
  product_rows<V, tall, packs, stride>(n, t);
}

/// Every row: tiles of `packs` vectors; two of two rather than one of three and one of one.
template <class V, int outputs, int packs, Stride stride>
void product(int rows, int n, ProductTile<V> t) {
  for (int left = (rows + V::width - 1) / V::width; left > 0;) {
    const int take = packs == 3 && left == 4 ? 2 : left >= packs ? packs : left > 3 ? 3 : left;
    product_vectors<V, outputs, packs, stride>(take, n, t);
    t = t.along(take * V::width), left -= take;
  }
}

template <class V, Stride stride>
void product(int rows, int n, const ProductTile<V>& t) {
  if (n > 2)
    product<V, V::wide_tile, 3, stride>(rows, n, t);
  else
    product<V, 2, 6, stride>(rows, n, t);
}

/// after(r, count) for the rows [r, r + count) of y once they are made, while they lie in the first cache.
template <class V, class F>
PIGRAD_INLINE void product_then(int rows, int n, const ProductTile<V>& t, const F& after) {
  constexpr int step = 6 * V::width;
  for (int r = 0; r < rows; r += step) {
    const int count = rows - r < step ? rows - r : step;
    if (t.w.column == 1)
      product<V, unit_column>(count, n, t.along(r));
    else
      product<V, unit_row>(count, n, t.along(r));
    after(r, count);
  }
}

/// w with unit stride along its rows or along its columns. An activation of many instructions gains nothing by staying
/// in registers.
template <class V, class F>
void affine(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
            const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy, bool accumulate) {
  if constexpr (__is_same(F, Identity) || __is_same(F, Relu))
    if (k <= simd::narrow && n > 2 && !accumulate)
      return narrow_affine<V, F>(rows, k, n, x, ldx, w, b, b_stride, y, ldy);
  product_then(rows, n, ProductTile<V>{k, x, ldx, w, b, b_stride, y, ldy, accumulate}, [&](int r, int count) {
    constexpr typename V::Scalar no_limits[2] = {};
    if constexpr (!__is_same(F, Identity)) unary_forward<V, F>(count, n, no_limits, y + r, ldy, y + r, ldy);
  });
}

template <class V, class F>
void input_vjp(int rows, int k, int n, const typename V::Scalar* y_bar, ptrdiff_t ldb,
               Weight<const typename V::Scalar> w, const typename V::Scalar* h, ptrdiff_t ldh,
               typename V::Scalar* h_bar, ptrdiff_t ldo) {
  if (n == 1) return narrow_input_vjp<V, F, 1>(rows, k, y_bar, ldb, w, h, ldh, h_bar, ldo);
  if (n == 2) return narrow_input_vjp<V, F, 2>(rows, k, y_bar, ldb, w, h, ldh, h_bar, ldo);
  const ProductTile<V> t{n, y_bar, ldb, {w.data, w.column, w.row}, nullptr, 0, h_bar, ldo, false};
  product_then(rows, k, t,
               [&](int r, int count) { activation_vjp<V, F>(count, k, h + r, ldh, h_bar + r, ldo, h_bar + r, ldo); });
}
