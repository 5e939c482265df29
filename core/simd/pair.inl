// Two layers in one pass over the values between them: y = f(x wᵀ + b) w₂ᵀ + b₂ of few inputs and one output, and its
// gradients.

/// f(x) but for the sign of a zero, which no sum tells.
template <class V, class F>
PIGRAD_INLINE V pair_value(V x) {
  if constexpr (__is_same(F, Relu))
    return at_least(V::all(0), x);
  else
    return F::value(x, Limits<V>{V::all(0), V::all(0)});
}

/// h of `outputs` hidden units from unit i on, for `packs` vectors of samples, and what they add to y: every sum in the
/// order of product_tile.
template <class V, class F, int outputs, int packs>
PIGRAD_INLINE void pair_tile(const simd::Pair<typename V::Scalar>& a, int i, int r, V (&y)[packs]) {
  V sum[outputs][packs];
  unroll<outputs>([&](auto o) PIGRAD_LAMBDA {
    const V start = V::all(a.b[i + o]);
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[o][p] = start; });
  });
  const typename V::Scalar *x = a.x + r, *w = a.w + i * a.k;
  for (int j = 0; j < a.k; ++j, x += a.ldx, ++w) {
    V sample[packs];
    unroll<packs>([&](auto p) PIGRAD_LAMBDA { sample[p] = V::load(x + p * V::width); });
    unroll<outputs>([&](auto o) PIGRAD_LAMBDA {
      const V weight = V::all(w[o * a.k]);
      unroll<packs>([&](auto p) PIGRAD_LAMBDA { sum[o][p] = fma(weight, sample[p], sum[o][p]); });
    });
  }
  unroll<outputs>([&](auto o) PIGRAD_LAMBDA {
    unroll<packs>([&](auto p) PIGRAD_LAMBDA {
      const V value = pair_value<V, F>(sum[o][p]);
      value.store(a.h + (i + o) * a.ldh + r + p * V::width);
      y[p] = fma(V::all(a.w2[i + o]), value, y[p]);
    });
  });
}

template <class V, class F, int packs>
PIGRAD_INLINE void pair_rows(const simd::Pair<typename V::Scalar>& a, int r) {
  constexpr int outputs = V::wide_tile / 2;
  V y[packs];
  unroll<packs>([&](auto p) PIGRAD_LAMBDA { y[p] = V::all(a.b2[0]); });
  int i = 0;
  for (; i + outputs <= a.hidden; i += outputs) pair_tile<V, F, outputs, packs>(a, i, r, y);
  for (; i < a.hidden; ++i) pair_tile<V, F, 1, packs>(a, i, r, y);
  unroll<packs>([&](auto p) PIGRAD_LAMBDA { y[p].store(a.y + r + p * V::width); });
}

template <class V, class F>
void pair_forward(const simd::Pair<typename V::Scalar>& layers) {
  const simd::Pair<typename V::Scalar> a = layers;  // which no store can change
  constexpr int packs = 3;
  int r = 0;
  for (; r + (packs - 1) * V::width < a.rows; r += packs * V::width) pair_rows<V, F, packs>(a, r);
  for (; r < a.rows; r += V::width) pair_rows<V, F, 1>(a, r);
}

/// w̄, b̄ and w̄₂ of `units` hidden units from unit i on: a partial sum a lane each, in registers over all rows. h̄ is
/// never stored.
template <class V, class F, int k, int units>
void pair_sums(const simd::Pair<typename V::Scalar>& layers, int i) {
  const simd::Pair<typename V::Scalar> a = layers;
  using T = typename V::Scalar;
  constexpr int weights = units * k, all = units * (k + 2), groups = (all + V::width - 1) / V::width;
  const Limits<V> none{V::all(0), V::all(0)};
  V part[groups][V::width];
  unroll<groups * V::width>([&](auto e) PIGRAD_LAMBDA { part[e / V::width][e % V::width] = V::all(0); });
  const T* column[k];
  for (int j = 0; j < k; ++j) column[j] = a.x + (j < a.k ? j : 0) * a.ldx;
  const T* h = a.h + i * a.ldh;
  const auto add = [&](int r, auto valid) PIGRAD_LAMBDA {
    V x[k];
    const V bar = valid(V::load(a.y + r));
    unroll<k>([&](auto j) PIGRAD_LAMBDA { x[j] = valid(V::load(column[j] + r)); });
    unroll<units>([&](auto u) PIGRAD_LAMBDA {
      const V value = valid(V::load(h + u * a.ldh + r));
      V inner = V::all(a.w2[i + u]) * bar;
      if constexpr (__is_same(F, Relu))
        inner = select(less(V::all(0), value), inner, V::all(0));
      else
        inner = inner * F::partial(value, value, none);
      const auto add_to = [&](auto e, V s, V t) PIGRAD_LAMBDA {
        V& sum = part[e / V::width][e % V::width];
        sum = fma(s, t, sum);
      };
      unroll<k>([&](auto j) PIGRAD_LAMBDA { add_to(Turn<u * k + j>(), inner, x[j]); });
      V& sum = part[(weights + u) / V::width][(weights + u) % V::width];
      sum = sum + inner;
      add_to(Turn<weights + units + u>(), value, bar);
    });
  };
  int r = 0;
  for (; r + V::width <= a.rows; r += V::width) add(r, [](V x) PIGRAD_LAMBDA { return x; });
  if (r < a.rows) add(r, [&](V x) PIGRAD_LAMBDA { return first_lanes(x, a.rows - r); });
  T total[groups * V::width];
  constexpr int whole = weights % V::width == 0 ? weights / V::width : 0;
  unroll<groups>([&](auto g) PIGRAD_LAMBDA {
    const V sums = totals(part[g]);
    T* const to = a.w_bar + i * k + g * V::width;
    if (g < whole && a.k == k)
      (V::load(to) + sums).store(to);
    else
      sums.store(total + g * V::width);
  });
  if (whole == 0 || a.k != k)
    for (int u = 0; u < units; ++u)
      for (int j = 0; j < a.k; ++j) a.w_bar[(i + u) * a.k + j] += total[u * k + j];
  unroll<units>([&](auto u) PIGRAD_LAMBDA {
    a.b_bar[i + u] += total[weights + u];
    a.w2_bar[i + u] += total[weights + units + u];
  });
}

template <class V, class F, int k>
void pair_vjp_of(const simd::Pair<typename V::Scalar>& a) {
  constexpr int sums = 3 * V::wide_tile, most = sums / (k + 2), units = most > 4 ? 4 : most > 1 ? most : 1;
  int i = 0;
  for (; i + units <= a.hidden; i += units) pair_sums<V, F, k, units>(a, i);
  for (; i < a.hidden; ++i) pair_sums<V, F, k, 1>(a, i);
}

template <class V, class F>
void pair_vjp(const simd::Pair<typename V::Scalar>& a) {
  sum<V>(a.rows, 1, a.y, a.ldy, a.b2_bar, 1);
  (a.k <= 4 ? &pair_vjp_of<V, F, 4> : a.k == 5 ? &pair_vjp_of<V, F, 5> : &pair_vjp_of<V, F, 8>)(a);
}
