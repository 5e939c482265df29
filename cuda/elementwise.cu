#include "../core/ops/list.hpp"
#include "elementwise.hpp"
#include "launch.cuh"

namespace pigrad {
namespace {

/// How a kernel calls an op: `operands`, value(x, attributes), and vjp<i>(x, y, y_bar, attributes), operand i's adjoint
/// from one entry. An op that has none is not element-wise.
template <class O>
struct Element {
  static constexpr int operands = 0;
};

template <class O>
requires std::is_base_of_v<Unary<O>, O>
struct Element<O> {
  static constexpr int operands = 1;
  template <class T>
  static __device__ T value(const T* x, const Attributes& attributes) {
    return O::value(x[0], attributes);
  }
  template <int operand, class T>
  static __device__ T vjp(const T* x, T y, T y_bar, const Attributes& attributes) {
    return y_bar * O::partial(x[0], y, attributes);
  }
};

template <class O>
requires std::is_base_of_v<Binary<O>, O>
struct Element<O> {
  static constexpr int operands = 2;
  template <class T>
  static __device__ T value(const T* x, const Attributes&) {
    return O::value(x[0], x[1]);
  }
  template <int operand, class T>
  static __device__ T vjp(const T* x, T y, T y_bar, const Attributes&) {
    return y_bar * (operand == 0 ? O::partial_a(x[0], x[1], y) : O::partial_b(x[0], x[1], y));
  }
};

template <>
struct Element<Where> {
  static constexpr int operands = 3;
  template <class T>
  static __device__ T value(const T* x, const Attributes&) {
    return Where::taken(x[0]) ? x[1] : x[2];
  }
  template <int operand, class T>
  static __device__ T vjp(const T* x, T, T y_bar, const Attributes&) {
    return Where::taken(x[0]) == (operand == 1) ? y_bar : T(0);
  }
};

template <>
struct Element<StopGradient> {
  static constexpr int operands = 1;
  template <class T>
  static __device__ T value(const T* x, const Attributes&) {
    return StopGradient::value(x[0]);
  }
};

template <class O, class T>
struct Forward {
  int rows;
  Panel<T> in[Element<O>::operands], out;
  Attributes attributes;

  __device__ void operator()(long long i) const {
    const int c = static_cast<int>(i / rows), r = static_cast<int>(i % rows);
    T x[Element<O>::operands];
    for (int k = 0; k < Element<O>::operands; ++k) x[k] = in[k].get(c, r);
    out.set(c, r, Element<O>::value(x, attributes));
  }
};

/// One entry of an operand's adjoint is that of `down` × `across` entries of the output.
template <class O, class T, int operand>
struct Vjp {
  int rows, down, across;
  Panel<T> in[Element<O>::operands], out, out_bar, in_bar;
  Attributes attributes;

  __device__ void operator()(long long i) const {
    const int first_column = static_cast<int>(i / rows), first_row = static_cast<int>(i % rows);
    T sum = in_bar.get(first_column, first_row);
    for (int c = first_column; c < first_column + across; ++c)
      for (int r = first_row; r < first_row + down; ++r) {
        T x[Element<O>::operands];
        for (int k = 0; k < Element<O>::operands; ++k) x[k] = in[k].get(c, r);
        sum += Element<O>::template vjp<operand>(x, out.get(c, r), out_bar.get(c, r), attributes);
      }
    in_bar.set(first_column, first_row, sum);
  }
};

template <class O, class T>
void launch_forward(const Call<T>& call) {
  Forward<O, T> f{call.rows, {}, call.out, call.attributes};
  for (int k = 0; k < Element<O>::operands; ++k) f.in[k] = call.in[k];
  for_each_index(O::name, static_cast<long long>(call.rows) * call.columns, f);
}

template <class O, class T, int operand = 0>
void launch_vjp(const Call<T>& call) {
  if constexpr (operand < Element<O>::operands) {
    if constexpr ((differentiable_operands<O>() >> operand) & 1u) {
      const Panel<T>& in_bar = call.in_bar[operand];
      if (in_bar && call.rows > 0 && call.columns > 0) {
        const int down = in_bar.row_stride == 0 ? call.rows : 1, across = in_bar.column_stride == 0 ? call.columns : 1;
        Vjp<O, T, operand> f{call.rows / down, down, across, {}, call.out, call.out_bar, in_bar, call.attributes};
        for (int k = 0; k < Element<O>::operands; ++k) f.in[k] = call.in[k];
        for_each_index(O::name, static_cast<long long>(call.rows / down) * (call.columns / across), f);
      }
    }
    launch_vjp<O, T, operand + 1>(call);
  }
}

}  // namespace

template <class T>
std::vector<typename Backend<T>::Entry> device_elementwise() {
  std::vector<typename Backend<T>::Entry> all;
  BuiltinOps::visit([&]<class O>(OpTag<O>) {
    if constexpr (Element<O>::operands > 0) all.push_back({&op_of<O>(), {&launch_forward<O, T>, &launch_vjp<O, T>}});
  });
  return all;
}

template std::vector<Backend<float>::Entry> device_elementwise<float>();
template std::vector<Backend<double>::Entry> device_elementwise<double>();

}  // namespace pigrad
