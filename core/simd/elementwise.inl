// Element-wise kernels over panels, from the functions of functors.inl.

template <class V, class F>
void unary_forward(int rows, int columns, const typename V::Scalar* limits, const typename V::Scalar* x, ptrdiff_t ldx,
                   typename V::Scalar* y, ptrdiff_t ldy) {
  const Limits<V> ends{V::all(limits[0]), V::all(limits[1])};
  for (int c = 0; c < columns; ++c)
    for (int r = 0; r < rows; r += V::width) F::value(V::load(x + c * ldx + r), ends).store(y + c * ldy + r);
}

template <class V, class F>
void unary_vjp(int rows, int columns, const typename V::Scalar* limits, const typename V::Scalar* x, ptrdiff_t ldx,
               const typename V::Scalar* y, ptrdiff_t ldy, const typename V::Scalar* y_bar, ptrdiff_t ldb,
               typename V::Scalar* x_bar, ptrdiff_t ldo) {
  const Limits<V> ends{V::all(limits[0]), V::all(limits[1])};
  for (int c = 0; c < columns; ++c)
    for (int r = 0; r < rows; r += V::width) {
      const V f = F::partial(V::load(x + c * ldx + r), V::load(y + c * ldy + r), ends);
      typename V::Scalar* to = x_bar + c * ldo + r;
      (V::load(to) + V::load(y_bar + c * ldb + r) * f).store(to);
    }
}

template <class V, class F>
void activation_vjp(int rows, int n, const typename V::Scalar* y, ptrdiff_t ldy, const typename V::Scalar* y_bar,
                    ptrdiff_t ldb, typename V::Scalar* out, ptrdiff_t ldo) {
  const Limits<V> none{V::all(0), V::all(0)};
  for (int c = 0; c < n; ++c)
    for (int r = 0; r < rows; r += V::width) {
      const V value = V::load(y + c * ldy + r);
      (V::load(y_bar + c * ldb + r) * F::partial(value, value, none)).store(out + c * ldo + r);
    }
}

template <class V, class F>
constexpr typename simd::Table<typename V::Scalar>::UnaryPair unary() {
  return {&unary_forward<V, F>, &unary_vjp<V, F>};
}

template <class V>
PIGRAD_INLINE V at(Side<const typename V::Scalar> side, int c, int r) {
  const typename V::Scalar* p = side.data + c * side.column;
  return side.row ? V::load(p + r) : V::all(*p);
}

template <class V, class F>
void binary_forward(int rows, int columns, Side<const typename V::Scalar> a, Side<const typename V::Scalar> b,
                    typename V::Scalar* y, ptrdiff_t ldy) {
  for (int c = 0; c < columns; ++c)
    for (int r = 0; r < rows; r += V::width) F::value(at<V>(a, c, r), at<V>(b, c, r)).store(y + c * ldy + r);
}

/// Sixteen partial sums of a column, row r into number r mod 16, and their total: the same bits for every width.
template <class V>
struct Rows16 {
  static constexpr int packs = 16 / V::width;
  V part[packs];

  PIGRAD_INLINE Rows16() {
    for (V& p : part) p = V::all(0);
  }
  /// Adds x, rows r, r + 1, … of which those from `rows` on do not count.
  PIGRAD_INLINE void add(V x, int r, int rows) {
    const V valid = rows - r < V::width ? first_lanes(x, rows - r) : x;
    for (int i = 0; i < packs; ++i)
      if (r / V::width % packs == i) part[i] = part[i] + valid;
  }
  PIGRAD_INLINE typename V::Scalar total() const {
    typename V::Scalar s[16];
    for (int i = 0; i < packs; ++i) part[i].store(s + i * V::width);
    for (int half = 8; half > 0; half /= 2)
      for (int i = 0; i < half; ++i) s[i] += s[i + half];
    return s[0];
  }
};

template <class V>
PIGRAD_INLINE void add_to(Side<typename V::Scalar> bar, int c, int r, V x, int rows, Rows16<V>& over_rows) {
  if (!bar.data) return;
  if (bar.row) {
    typename V::Scalar* p = bar.data + c * bar.column + r;
    (V::load(p) + x).store(p);
  } else {
    over_rows.add(x, r, rows);
  }
}

template <class V, class F>
void binary_vjp(int rows, int columns, Side<const typename V::Scalar> a, Side<const typename V::Scalar> b,
                const typename V::Scalar* y, ptrdiff_t ldy, const typename V::Scalar* y_bar, ptrdiff_t ldb,
                Side<typename V::Scalar> a_bar, Side<typename V::Scalar> b_bar) {
  for (int c = 0; c < columns; ++c) {
    Rows16<V> sum_a, sum_b;
    for (int r = 0; r < rows; r += V::width) {
      const V va = at<V>(a, c, r), vb = at<V>(b, c, r), vy = V::load(y + c * ldy + r);
      const V bar = V::load(y_bar + c * ldb + r);
      add_to(a_bar, c, r, F::vjp_a(bar, va, vb, vy), rows, sum_a);
      add_to(b_bar, c, r, F::vjp_b(bar, va, vb, vy), rows, sum_b);
    }
    if (a_bar.data && !a_bar.row) a_bar.data[c * a_bar.column] += sum_a.total();
    if (b_bar.data && !b_bar.row) b_bar.data[c * b_bar.column] += sum_b.total();
  }
}

template <class V, class F>
constexpr typename simd::Table<typename V::Scalar>::BinaryPair binary() {
  return {&binary_forward<V, F>, &binary_vjp<V, F>};
}
