// Loops whose every turn is written out before any optimisation, so that arrays of packs indexed by them are registers
// from the start (g++ 12 otherwise carries them through the stack around the inner loop).

template <int i>
struct Turn {
  constexpr operator int() const { return i; }
};

/// f(Turn<0>), …, f(Turn<n − 1>)
template <int n, class F>
PIGRAD_INLINE void unroll(const F& f) {
  if constexpr (n > 0) {
    unroll<n - 1>(f);
    f(Turn<n - 1>());
  }
}
