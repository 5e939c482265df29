// The kernels of every instruction set, written once over a pack V of V::width scalars. Included inside the anonymous
// namespace of avx2.cpp and avx512.cpp, which define the packs: everything here has internal linkage.
using simd::Side;
using simd::Weight;
using std::ptrdiff_t;

#define PIGRAD_INLINE __attribute__((always_inline)) inline
#define PIGRAD_LAMBDA __attribute__((always_inline))

// clang-format off
#include "unroll.inl"
#include "math.inl"
#include "functors.inl"
#include "elementwise.inl"
#include "rows.inl"
#include "narrow.inl"
#include "products.inl"
#include "few_rows.inl"
#include "weights.inl"
#include "pair.inl"
#include "optimisers.inl"
// clang-format on

#undef PIGRAD_INLINE
#undef PIGRAD_LAMBDA

template <class V>
constexpr simd::Table<typename V::Scalar> table_of() {
  return {
      {&affine<V, Identity>, &affine<V, Tanh>, &affine<V, Relu>, &affine<V, Elu>, &affine<V, Sigmoid>},
      {&affine_few_rows<V, Identity>, &affine_few_rows<V, Tanh>, &affine_few_rows<V, Relu>, &affine_few_rows<V, Elu>,
       &affine_few_rows<V, Sigmoid>},
      &weight_vjp<V>,
      {&activation_vjp<V, Identity>, &activation_vjp<V, Tanh>, &activation_vjp<V, Relu>, &activation_vjp<V, Elu>,
       &activation_vjp<V, Sigmoid>},
      {&input_vjp<V, Identity>, &input_vjp<V, Tanh>, &input_vjp<V, Relu>, &input_vjp<V, Elu>, &input_vjp<V, Sigmoid>},
      {nullptr, nullptr, &pair_forward<V, Relu>, nullptr, nullptr},
      {nullptr, nullptr, &pair_vjp<V, Relu>, nullptr, nullptr},
      {unary<V, Neg>(), unary<V, Exp>(), unary<V, Log>(), unary<V, Tanh>(), unary<V, Relu>(), unary<V, Elu>(),
       unary<V, Sigmoid>(), unary<V, Softplus>(), unary<V, Square>(), unary<V, Sqrt>(), unary<V, Abs>(),
       unary<V, Clamp>()},
      {binary<V, Add>(), binary<V, Sub>(), binary<V, Mul>(), binary<V, Div>(), binary<V, Min>(), binary<V, Max>()},
      {{&logsumexp_forward<V>, &logsumexp_vjp<V>},
       {&softmax_forward<V>, &softmax_vjp<V>},
       {&log_softmax_forward<V>, &log_softmax_vjp<V>}},
      &sum<V>,
      &sum_columns<V>,
      &sum_vjp<V>,
      {&adam<V>, &rmsprop<V>},
      &pack<V>,
      V::width / 2,
  };
}
