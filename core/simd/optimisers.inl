// Optimisers over flat vectors: memory is read and written once.

/// The first `count` scalars at p, 0 in the other lanes.
template <class V>
PIGRAD_INLINE V load_first(const typename V::Scalar* p, int count) {
  return count >= V::width ? V::load(p) : V::load(p, count);
}
template <class V>
PIGRAD_INLINE void store_first(V x, typename V::Scalar* p, int count) {
  if (count >= V::width) return x.store(p);
  x.store(p, count);
}

/// One step of Adam in every lane.
template <class V>
struct AdamLanes {
  using T = typename V::Scalar;
  explicit AdamLanes(const AdamStep<T>& step)
      : sign(V::all(step.sign)),
        decay(V::all(step.decay)),
        enter1(V::all(step.enter1)),
        keep2(V::all(step.keep2)),
        enter2(V::all(step.enter2)),
        root_scale(V::all(step.root_scale)),
        epsilon(V::all(step.epsilon)),
        shrink(V::all(step.shrink)),
        rate(V::all(-step.rate)) {}

  PIGRAD_INLINE void operator()(V& p, V gradient, V& mean, V& square) const {
    const V g = fma(sign, gradient, decay * p);
    mean = normal(fma(enter1, g - mean, mean));
    square = normal(fma(enter2 * g, g, keep2 * square));
    p = fma(shrink, p, divided(rate * mean, fma(near_root(square), root_scale, epsilon)));
  }

  V sign, decay, enter1, keep2, enter2, root_scale, epsilon, shrink, rate;
};

/// `lanes(i, count)` for pieces of 0 … size: up to where `parameters` and what is stored beside it meet a line of the
/// cache, then whole vectors, then what is left.
template <class V, class Lanes>
PIGRAD_INLINE void in_lines(int size, const typename V::Scalar* parameters, const Lanes& lanes) {
  constexpr unsigned long bytes = sizeof(V), scalar = sizeof(typename V::Scalar);
  const int head = static_cast<int>((0 - reinterpret_cast<unsigned long>(parameters)) % bytes / scalar);
  int i = head < size ? head : size;
  if (i > 0) lanes(0, i);
  for (; i + V::width <= size; i += V::width) lanes(i, V::width);
  if (i < size) lanes(i, size - i);
}

template <class V>
void adam(int size, const AdamStep<typename V::Scalar>& step, typename V::Scalar* parameters,
          const typename V::Scalar* gradient, typename V::Scalar* mean, typename V::Scalar* square) {
  const AdamLanes<V> move(step);
  in_lines<V>(size, parameters, [&](int i, int count) PIGRAD_LAMBDA {
    V p = load_first<V>(parameters + i, count), m = load_first<V>(mean + i, count);
    V v = load_first<V>(square + i, count);
    move(p, load_first<V>(gradient + i, count), m, v);
    store_first(m, mean + i, count);
    store_first(v, square + i, count);
    store_first(p, parameters + i, count);
  });
}

/// One step of RMSprop, rounded as the plain one but for roots and quotients.
template <class V, bool centered, bool heavy>
void rmsprop_of(int size, const RmsPropStep<typename V::Scalar>& step, typename V::Scalar* parameters,
                const typename V::Scalar* gradient, typename V::Scalar* square, typename V::Scalar* mean,
                typename V::Scalar* velocity) {
  const V sign = V::all(step.sign), decay = V::all(step.decay), keep = V::all(step.keep), enter = V::all(step.enter);
  const V inside = V::all(step.inside), outside = V::all(step.outside), rate = V::all(step.rate);
  const V momentum = V::all(step.momentum);
  in_lines<V>(size, parameters, [&](int i, int count) PIGRAD_LAMBDA {
    const V p = load_first<V>(parameters + i, count);
    const V g = sign * load_first<V>(gradient + i, count) + decay * p;
    const V s = normal(keep * load_first<V>(square + i, count) + enter * g * g);
    store_first(s, square + i, count);
    V variance = s;
    if constexpr (centered) {
      const V old = load_first<V>(mean + i, count), m = normal(old + enter * (g - old));
      store_first(m, mean + i, count);
      variance = at_least(V::all(0), s - m * m);
    }
    const V root = near_root(variance + inside) + outside;
    if constexpr (heavy) {
      const V b = normal(momentum * load_first<V>(velocity + i, count) + divided(g, root));
      store_first(b, velocity + i, count);
      store_first(p - rate * b, parameters + i, count);
    } else {
      store_first(p - divided(rate * g, root), parameters + i, count);
    }
  });
}

template <class V>
void rmsprop(int size, const RmsPropStep<typename V::Scalar>& step, typename V::Scalar* parameters,
             const typename V::Scalar* gradient, typename V::Scalar* square, typename V::Scalar* mean,
             typename V::Scalar* velocity) {
  const auto kernel = mean ? (velocity ? &rmsprop_of<V, true, true> : &rmsprop_of<V, true, false>)
                           : (velocity ? &rmsprop_of<V, false, true> : &rmsprop_of<V, false, false>);
  kernel(size, step, parameters, gradient, square, mean, velocity);
}
