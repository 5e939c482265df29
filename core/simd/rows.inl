// Kernels along a row of each sample (lanes are samples), and sums.

/// m = max_c x of the samples at r; NaN if any is.
template <class V>
PIGRAD_INLINE V row_max(int columns, const typename V::Scalar* x, ptrdiff_t ldx, int r) {
  V m = V::load(x + r);
  for (int c = 1; c < columns; ++c) {
    const V next = V::load(x + c * ldx + r);
    m = select(less(m, next), next, select(is_nan(next), next, m));
  }
  return m;
}

/// x − m, or 0 where the whole row is −∞.
template <class V>
PIGRAD_INLINE V centred(V x, V m) {
  const V lowest = V::all(-typename V::Scalar(__builtin_huge_val()));
  return select(equal(m, lowest), V::all(0), x - m);
}

template <class V>
PIGRAD_INLINE V row_exp_sum(int columns, const typename V::Scalar* x, ptrdiff_t ldx, int r, V m) {
  V sum = V::all(0);
  for (int c = 0; c < columns; ++c) sum = sum + exponential(centred(V::load(x + c * ldx + r), m));
  return sum;
}

template <class V>
void logsumexp_forward(int rows, int columns, const typename V::Scalar* x, ptrdiff_t ldx, typename V::Scalar* y,
                       ptrdiff_t) {
  for (int r = 0; r < rows; r += V::width) {
    const V m = row_max<V>(columns, x, ldx, r);
    (m + logarithm(row_exp_sum(columns, x, ldx, r, m))).store(y + r);
  }
}

template <class V>
void logsumexp_vjp(int rows, int columns, const typename V::Scalar* x, ptrdiff_t ldx, const typename V::Scalar* y,
                   ptrdiff_t, const typename V::Scalar* y_bar, ptrdiff_t, typename V::Scalar* x_bar, ptrdiff_t ldo) {
  using T = typename V::Scalar;
  const V lowest = V::all(-T(__builtin_huge_val())), equal_share = V::all(T(1) / static_cast<T>(columns));
  for (int r = 0; r < rows; r += V::width) {
    const V total = V::load(y + r), bar = V::load(y_bar + r);
    for (int c = 0; c < columns; ++c) {
      const V share_c = select(equal(total, lowest), equal_share, exponential(V::load(x + c * ldx + r) - total));
      T* to = x_bar + c * ldo + r;
      (V::load(to) + bar * share_c).store(to);
    }
  }
}

template <class V>
void softmax_forward(int rows, int columns, const typename V::Scalar* x, ptrdiff_t ldx, typename V::Scalar* y,
                     ptrdiff_t ldy) {
  for (int r = 0; r < rows; r += V::width) {
    const V m = row_max<V>(columns, x, ldx, r);
    V sum = V::all(0);
    for (int c = 0; c < columns; ++c) {
      const V e = exponential(centred(V::load(x + c * ldx + r), m));
      sum = sum + e;
      e.store(y + c * ldy + r);
    }
    for (int c = 0; c < columns; ++c) (V::load(y + c * ldy + r) / sum).store(y + c * ldy + r);
  }
}

template <class V>
void softmax_vjp(int rows, int columns, const typename V::Scalar*, ptrdiff_t, const typename V::Scalar* y,
                 ptrdiff_t ldy, const typename V::Scalar* y_bar, ptrdiff_t ldb, typename V::Scalar* x_bar,
                 ptrdiff_t ldo) {
  for (int r = 0; r < rows; r += V::width) {
    V inner = V::all(0);
    for (int c = 0; c < columns; ++c) inner = fma(V::load(y_bar + c * ldb + r), V::load(y + c * ldy + r), inner);
    for (int c = 0; c < columns; ++c) {
      typename V::Scalar* to = x_bar + c * ldo + r;
      fma(V::load(y + c * ldy + r), V::load(y_bar + c * ldb + r) - inner, V::load(to)).store(to);
    }
  }
}

template <class V>
void log_softmax_forward(int rows, int columns, const typename V::Scalar* x, ptrdiff_t ldx, typename V::Scalar* y,
                         ptrdiff_t ldy) {
  for (int r = 0; r < rows; r += V::width) {
    const V m = row_max<V>(columns, x, ldx, r), log_sum = logarithm(row_exp_sum(columns, x, ldx, r, m));
    for (int c = 0; c < columns; ++c) (centred(V::load(x + c * ldx + r), m) - log_sum).store(y + c * ldy + r);
  }
}

template <class V>
void log_softmax_vjp(int rows, int columns, const typename V::Scalar*, ptrdiff_t, const typename V::Scalar* y,
                     ptrdiff_t ldy, const typename V::Scalar* y_bar, ptrdiff_t ldb, typename V::Scalar* x_bar,
                     ptrdiff_t ldo) {
  for (int r = 0; r < rows; r += V::width) {
    V total = V::all(0);
    for (int c = 0; c < columns; ++c) total = total + V::load(y_bar + c * ldb + r);
    for (int c = 0; c < columns; ++c) {
      typename V::Scalar* to = x_bar + c * ldo + r;
      const V own = fnma(exponential(V::load(y + c * ldy + r)), total, V::load(y_bar + c * ldb + r));
      (V::load(to) + own).store(to);
    }
  }
}

/// Sixteen partial sums of each of V::width columns, folded to V::width of each; then lane l is column l's total. The
/// order is that of Rows16.
template <class V>
void sum(int rows, int columns, const typename V::Scalar* x, ptrdiff_t ldx, typename V::Scalar* out, ptrdiff_t stride) {
  constexpr int parts = 16 / V::width;
  if (columns == 1) {
    Rows16<V> whole;
    for (int r = 0; r < rows; r += V::width) whole.add(V::load(x + r), r, rows);
    *out += whole.total();
    return;
  }
  for (int c = 0; c < columns; c += V::width) {
    const int count = columns - c < V::width ? columns - c : V::width;
    V column[V::width];
    for (int l = 0; l < V::width; ++l) {
      V part[parts];
      for (V& p : part) p = V::all(0);
      const typename V::Scalar* from = x + (l < count ? c + l : c) * ldx;
      int r = 0;
      for (; r + 16 <= rows; r += 16)
        for (int i = 0; i < parts; ++i) part[i] = part[i] + V::load(from + r + i * V::width);
      for (int i = 0; r < rows; ++i, r += V::width) part[i] = part[i] + first_lanes(V::load(from + r), rows - r);
      for (int half = parts / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) part[i] = part[i] + part[i + half];
      column[l] = part[0];
    }
    typename V::Scalar total[V::width];
    totals(column).store(total);
    for (int l = 0; l < count; ++l) out[(c + l) * stride] += total[l];
  }
}

template <class V>
void sum_columns(int rows, int columns, typename V::Scalar scale, const typename V::Scalar* x, ptrdiff_t ldx,
                 typename V::Scalar* y) {
  for (int r = 0; r < rows; r += V::width) {
    V total = V::all(0);
    for (int c = 0; c < columns; ++c) total = total + V::load(x + c * ldx + r);
    (total * V::all(scale)).store(y + r);
  }
}

template <class V>
void sum_vjp(int rows, int columns, typename V::Scalar scale, Side<const typename V::Scalar> y_bar,
             typename V::Scalar* x_bar, ptrdiff_t ldo) {
  for (int c = 0; c < columns; ++c)
    for (int r = 0; r < rows; r += V::width) {
      typename V::Scalar* to = x_bar + c * ldo + r;
      (V::load(to) + V::all(scale) * at<V>(y_bar, c, r)).store(to);
    }
}
