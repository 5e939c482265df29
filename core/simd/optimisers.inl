// Optimisers over flat vectors: memory is read and written once.

/// The first `count` scalars at p, 0 in the other lanes.
template <class V>
PIGRAD_INLINE V load_first(const typename V::Scalar* p, int count) {
  if (count >= V::width) return V::load(p);
  typename V::Scalar own[V::width] = {};
  for (int l = 0; l < count; ++l) own[l] = p[l];
  return V::load(own);
}
template <class V>
PIGRAD_INLINE void store_first(V x, typename V::Scalar* p, int count) {
  if (count >= V::width) return x.store(p);
  typename V::Scalar own[V::width];
  x.store(own);
  for (int l = 0; l < count; ++l) p[l] = own[l];
}

template <class V>
void adam(int size, const AdamStep<typename V::Scalar>& step, typename V::Scalar* parameters,
          const typename V::Scalar* gradient, typename V::Scalar* mean, typename V::Scalar* square) {
  const V sign = V::all(step.sign), decay = V::all(step.decay), enter1 = V::all(step.enter1);
  const V keep2 = V::all(step.keep2), enter2 = V::all(step.enter2), root_scale = V::all(step.root_scale);
  const V epsilon = V::all(step.epsilon), shrink = V::all(step.shrink), rate = V::all(step.rate);
  for (int i = 0; i < size; i += V::width) {
    const int count = size - i;
    const V p = load_first<V>(parameters + i, count), m = load_first<V>(mean + i, count);
    const V g = fma(sign, load_first<V>(gradient + i, count), decay * p);
    const V new_mean = fma(enter1, g - m, m);
    const V v = fma(enter2 * g, g, keep2 * load_first<V>(square + i, count));
    const V denominator = fma(root(v), root_scale, epsilon);
    store_first(new_mean, mean + i, count);
    store_first(v, square + i, count);
    store_first(fma(shrink, p, negated(rate * new_mean / denominator)), parameters + i, count);
  }
}
