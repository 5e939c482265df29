// Element-wise functions. Of one operand: value(x, limits) and partial(x, y, limits), which for the activations fused
// with a product reads y alone. Of two: value(a, b) and the adjoints vjp_a, vjp_b(ȳ, a, b, y). Ties and limits:
// core/ops.

template <class V>
struct Limits {
  V low, high;
};

struct Identity {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return x;
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V, Limits<V>) {
    return V::all(1);
  }
};
struct Neg {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return negated(x);
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V, Limits<V>) {
    return V::all(-1);
  }
};
struct Exp {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return exponential(x);
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V y, Limits<V>) {
    return y;
  }
};
struct Log {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return logarithm(x);
  }
  template <class V>
  static PIGRAD_INLINE V partial(V x, V, Limits<V>) {
    return V::all(1) / x;
  }
};
struct Tanh {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return hyperbolic_tangent(x);
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V y, Limits<V>) {
    return fnma(y, y, V::all(1));
  }
};
struct Relu {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return select(less_equal(x, V::all(0)), V::all(0), x);
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V y, Limits<V>) {
    return select(less(V::all(0), y), V::all(1), V::all(0));
  }
};
struct Elu {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return select(less(V::all(0), x), x, exponential_minus_1(x));
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V y, Limits<V>) {
    return select(less(V::all(0), y), V::all(1), y + V::all(1));
  }
};
struct Sigmoid {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return logistic(x);
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V y, Limits<V>) {
    return y * (V::all(1) - y);
  }
};
struct Softplus {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return select(less(V::all(0), x), x, V::all(0)) + logarithm_of_1_plus(exponential(negated(magnitude(x))));
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V y, Limits<V>) {
    return negated(exponential_minus_1(negated(y)));
  }
};
struct Square {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return x * x;
  }
  template <class V>
  static PIGRAD_INLINE V partial(V x, V, Limits<V>) {
    return x + x;
  }
};
struct Sqrt {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return root(x);
  }
  template <class V>
  static PIGRAD_INLINE V partial(V, V y, Limits<V>) {
    return V::all(typename V::Scalar(0.5)) / y;
  }
};
struct Abs {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V>) {
    return magnitude(x);
  }
  template <class V>
  static PIGRAD_INLINE V partial(V x, V, Limits<V>) {
    const V zero = V::all(0);
    return select(less(zero, x), V::all(1), select(less(x, zero), V::all(-1), zero));
  }
};
struct Clamp {
  template <class V>
  static PIGRAD_INLINE V value(V x, Limits<V> limits) {
    return at_most(limits.high, at_least(limits.low, x));
  }
  template <class V>
  static PIGRAD_INLINE V partial(V x, V, Limits<V> limits) {
    return select(less_equal(limits.low, x), select(less_equal(x, limits.high), V::all(1), V::all(0)), V::all(0));
  }
};

struct Add {
  template <class V>
  static PIGRAD_INLINE V value(V a, V b) {
    return a + b;
  }
  template <class V>
  static PIGRAD_INLINE V vjp_a(V y_bar, V, V, V) {
    return y_bar;
  }
  template <class V>
  static PIGRAD_INLINE V vjp_b(V y_bar, V, V, V) {
    return y_bar;
  }
};
struct Sub {
  template <class V>
  static PIGRAD_INLINE V value(V a, V b) {
    return a - b;
  }
  template <class V>
  static PIGRAD_INLINE V vjp_a(V y_bar, V, V, V) {
    return y_bar;
  }
  template <class V>
  static PIGRAD_INLINE V vjp_b(V y_bar, V, V, V) {
    return negated(y_bar);
  }
};
struct Mul {
  template <class V>
  static PIGRAD_INLINE V value(V a, V b) {
    return a * b;
  }
  template <class V>
  static PIGRAD_INLINE V vjp_a(V y_bar, V, V b, V) {
    return y_bar * b;
  }
  template <class V>
  static PIGRAD_INLINE V vjp_b(V y_bar, V a, V, V) {
    return y_bar * a;
  }
};
struct Div {
  template <class V>
  static PIGRAD_INLINE V value(V a, V b) {
    return a / b;
  }
  template <class V>
  static PIGRAD_INLINE V vjp_a(V y_bar, V, V b, V) {
    return y_bar * (V::all(1) / b);
  }
  template <class V>
  static PIGRAD_INLINE V vjp_b(V y_bar, V, V b, V y) {
    return y_bar * negated(y / b);
  }
};
/// The share of an operand that is the smaller: 1, ½ at ties, 0.
template <class V>
PIGRAD_INLINE V share(V smaller, V other) {
  const V tie = select(equal(smaller, other), V::all(typename V::Scalar(0.5)), V::all(0));
  return select(less(smaller, other), V::all(1), tie);
}
struct Min {
  template <class V>
  static PIGRAD_INLINE V value(V a, V b) {
    return select(less(b, a), b, select(is_nan(b), b, a));
  }
  template <class V>
  static PIGRAD_INLINE V vjp_a(V y_bar, V a, V b, V) {
    return y_bar * share(a, b);
  }
  template <class V>
  static PIGRAD_INLINE V vjp_b(V y_bar, V a, V b, V) {
    return y_bar * share(b, a);
  }
};
struct Max {
  template <class V>
  static PIGRAD_INLINE V value(V a, V b) {
    return select(less(a, b), b, select(is_nan(b), b, a));
  }
  template <class V>
  static PIGRAD_INLINE V vjp_a(V y_bar, V a, V b, V) {
    return y_bar * share(b, a);
  }
  template <class V>
  static PIGRAD_INLINE V vjp_b(V y_bar, V a, V b, V) {
    return y_bar * share(a, b);
  }
};
