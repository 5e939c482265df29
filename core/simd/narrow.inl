// Layers with few inputs or few outputs: what a product makes is finished before it leaves the registers.

/// `outputs` columns of y = f(x wᵀ + b) for `packs` vectors of samples; sums in the order of product_tile.
template <class V, class F, int outputs, int packs>
PIGRAD_INLINE void narrow_tile(int k, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
                               const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy) {
  const Limits<V> none{V::all(0), V::all(0)};
  V sum[outputs][packs];
  unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
    const V start = V::all(b[i * b_stride]);
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[i][p] = start; });
  });
  for (int j = 0; j < k; ++j, x += ldx, w.data += w.column) {
    V sample[packs];
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { sample[p] = V::load(x + p * V::width); });
    unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
      const V weight = V::all(w.data[i * w.row]);
      unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[i][p] = fma(weight, sample[p], sum[i][p]); });
    });
  }
  unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { F::value(sum[i][p], none).store(y + i * ldy + p * V::width); });
  });
}

/// Every column of y for `packs` vectors of samples.
template <class V, class F, int packs>
void narrow_columns(int k, int n, const typename V::Scalar* x, ptrdiff_t ldx, Weight<const typename V::Scalar> w,
                    const typename V::Scalar* b, ptrdiff_t b_stride, typename V::Scalar* y, ptrdiff_t ldy) {
  constexpr int outputs = V::wide_tile / 2;
  int i = 0;
  for (; i + outputs <= n; i += outputs)
    narrow_tile<V, F, outputs, packs>(k, x, ldx, {w.data + i * w.row, w.row, w.column}, b + i * b_stride, b_stride,
                                      y + i * ldy, ldy);
  for (; i < n; ++i)
    narrow_tile<V, F, 1, packs>(k, x, ldx, {w.data + i * w.row, w.row, w.column}, b + i * b_stride, b_stride,
                                y + i * ldy, ldy);
}

/// y = f(x wᵀ + b) for at most simd::narrow inputs.
template <class V, class F>
void narrow_affine(int rows, int k, int n, const typename V::Scalar* x, ptrdiff_t ldx,
                   Weight<const typename V::Scalar> w, const typename V::Scalar* b, ptrdiff_t b_stride,
                   typename V::Scalar* y, ptrdiff_t ldy) {
  constexpr int packs = 3;
  const typename V::Scalar zero = 0;
  if (!b) b = &zero, b_stride = 0;
  int r = 0;
  for (; r + (packs - 1) * V::width < rows; r += packs * V::width)
    narrow_columns<V, F, packs>(k, n, x + r, ldx, w, b, b_stride, y + r, ldy);
  for (; r < rows; r += V::width) narrow_columns<V, F, 1>(k, n, x + r, ldx, w, b, b_stride, y + r, ldy);
}

/// h̄ = (ȳ w) ∘ f′(h) of `packs` vectors of samples, for a layer of `outputs` outputs.
template <class V, class F, int outputs, int packs>
void narrow_input_columns(int k, const typename V::Scalar* y_bar, ptrdiff_t ldb, Weight<const typename V::Scalar> w,
                          const typename V::Scalar* h, ptrdiff_t ldh, typename V::Scalar* h_bar, ptrdiff_t ldo) {
  const Limits<V> none{V::all(0), V::all(0)};
  V bar[outputs][packs];
  unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { bar[i][p] = V::load(y_bar + i * ldb + p * V::width); });
  });
  for (int c = 0; c < k; ++c, w.data += w.column, h += ldh, h_bar += ldo) {
    V sum[packs];
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[p] = V::all(0); });
    unroll<outputs>([&](auto i) PIGRAD_LAMBDA {
      const V weight = V::all(w.data[i * w.row]);
      unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[p] = fma(weight, bar[i][p], sum[p]); });
    });
    unroll<packs>([&](auto p) PIGRAD_LAMBDA {
      const V value = V::load(h + p * V::width);
      (sum[p] * F::partial(value, value, none)).store(h_bar + p * V::width);
    });
  }
}

template <class V, class F, int outputs>
void narrow_input_vjp(int rows, int k, const typename V::Scalar* y_bar, ptrdiff_t ldb,
                      Weight<const typename V::Scalar> w, const typename V::Scalar* h, ptrdiff_t ldh,
                      typename V::Scalar* h_bar, ptrdiff_t ldo) {
  constexpr int packs = V::wide_tile / 2;
  int r = 0;
  for (; r + (packs - 1) * V::width < rows; r += packs * V::width)
    narrow_input_columns<V, F, outputs, packs>(k, y_bar + r, ldb, w, h + r, ldh, h_bar + r, ldo);
  for (; r < rows; r += V::width)
    narrow_input_columns<V, F, outputs, 1>(k, y_bar + r, ldb, w, h + r, ldh, h_bar + r, ldo);
}
