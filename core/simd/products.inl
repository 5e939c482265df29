// y = f(x wᵀ + b) in tiles of `outputs` columns of y by `packs` vectors of samples, held in registers over all of k. In
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
};

template <class V, class F, int outputs, int packs, Stride stride>
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
    const T zero = 0, * const b = t.b ? t.b : &zero;
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
  const Limits<V> none{V::all(0), V::all(0)};
  unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { F::value(sum[i][p], none).store(y + i * ldy + p * V::width); });
  });
}

/// All n columns of y for `packs` vectors of samples.
template <class V, class F, int outputs, int packs, Stride stride>
void product_columns(int n, ProductTile<V> t) {
  for (; n >= outputs; n -= outputs, t = t.below(outputs)) product_tile<V, F, outputs, packs, stride>(t);
  if constexpr (outputs > 1)
    if (n > 0) product_columns<V, F, outputs / 2, packs, stride>(n, t);
}

/// The same, k chunk by chunk so that the chunk's samples stay in the first cache, and f at the end.
template <class V, class F, int outputs, int packs, Stride stride>
void product_rows(int n, ProductTile<V> t) {
  constexpr int chunk = 128;
  for (int left = t.k; left > chunk; left -= chunk) {
    t.k = chunk;
    product_columns<V, Identity, outputs, packs, stride>(n, t);
    t.x += chunk * t.ldx, t.w.data += chunk * t.w.column, t.accumulate = true;
    t.k = left - chunk;
  }
  product_columns<V, F, outputs, packs, stride>(n, t);
}

/// `take` ≤ packs vectors of samples.
template <class V, class F, int outputs, int packs, Stride stride>
void product_vectors(int take, int n, const ProductTile<V>& t) {
  if constexpr (packs > 1)
    if (take < packs) return product_vectors<V, F, outputs, packs == 6 ? 3 : packs - 1, stride>(take, n, t);
  product_rows<V, F, outputs, packs, stride>(n, t);
}

/// Every row: tiles of `packs` vectors; two of two rather than one of three and one of one.
template <class V, class F, int outputs, int packs, Stride stride>
void product(int rows, int n, ProductTile<V> t) {
  for (int left = (rows + V::width - 1) / V::width; left > 0;) {
    const int take = packs == 3 && left == 4 ? 2 : left >= packs ? packs : left > 3 ? 3 : left;
    product_vectors<V, F, outputs, packs, stride>(take, n, t);
    t.x += take * V::width, t.y += take * V::width, left -= take;
  }
}

template <class V, class F, Stride stride>
void product(int rows, int n, const ProductTile<V>& t) {
  if (n > 2)
    product<V, F, V::wide_tile, 3, stride>(rows, n, t);
  else
    product<V, F, 2, 6, stride>(rows, n, t);
}

/// w with unit stride along its rows or along its columns.
template <class V, class F>
void affine(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
            const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy, bool accumulate) {
  const ProductTile<V> t{k, x, ldx, w, b, b_stride, y, ldy, accumulate};
  if (w.column == 1) return product<V, F, unit_column>(rows, n, t);
  product<V, Identity, unit_row>(rows, n, t);
  constexpr typename V::Scalar no_limits[2] = {};
  if constexpr (!__is_same(F, Identity)) unary_forward<V, F>(rows, n, no_limits, y, ldy, y, ldy);
}
