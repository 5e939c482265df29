#include <type_traits>

#include "../core/ops/list.hpp"
#include "sums.cuh"

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
  static PIGRAD_HD T value(const T* x, const Attributes& attributes) {
    return O::value(x[0], attributes);
  }
  template <int operand, class T>
  static PIGRAD_HD T vjp(const T* x, T y, T y_bar, const Attributes& attributes) {
    return y_bar * O::partial(x[0], y, attributes);
  }
};

template <class O>
requires std::is_base_of_v<Binary<O>, O>
struct Element<O> {
  static constexpr int operands = 2;
  template <class T>
  static PIGRAD_HD T value(const T* x, const Attributes&) {
    return O::value(x[0], x[1]);
  }
  template <int operand, class T>
  static PIGRAD_HD T vjp(const T* x, T y, T y_bar, const Attributes&) {
    return y_bar * (operand == 0 ? O::partial_a(x[0], x[1], y) : O::partial_b(x[0], x[1], y));
  }
};

template <>
struct Element<Where> {
  static constexpr int operands = 3;
  template <class T>
  static PIGRAD_HD T value(const T* x, const Attributes&) {
    return Where::taken(x[0]) ? x[1] : x[2];
  }
  template <int operand, class T>
  static PIGRAD_HD T vjp(const T* x, T, T y_bar, const Attributes&) {
    return Where::taken(x[0]) == (operand == 1) ? y_bar : T(0);
  }
};

template <>
struct Element<StopGradient> {
  static constexpr int operands = 1;
  template <class T>
  static PIGRAD_HD T value(const T* x, const Attributes&) {
    return StopGradient::value(x[0]);
  }
};

template <class O, class T>
struct Forward {
  int rows;
  Panel<T> in[Element<O>::operands], out;
  Attributes attributes;

  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i / rows), r = static_cast<int>(i % rows);
    T x[Element<O>::operands];
    for (int k = 0; k < Element<O>::operands; ++k) x[k] = in[k].get(c, r);
    out.set(c, r, Element<O>::value(x, attributes));
  }
};

/// Entry (c, r) of an operand's adjoint, where the operand stretches along columns the sum over `across` of them.
template <class O, class T, int operand>
struct Adjoint {
  int across;
  Panel<T> in[Element<O>::operands], out, out_bar;
  Attributes attributes;

  PIGRAD_HD T operator()(int first_column, int r) const {
    T sum = 0;
    for (int c = first_column; c < first_column + across; ++c) {
      T x[Element<O>::operands];
      for (int k = 0; k < Element<O>::operands; ++k) x[k] = in[k].get(c, r);
      sum += Element<O>::template vjp<operand>(x, out.get(c, r), out_bar.get(c, r), attributes);
    }
    return sum;
  }
};

template <class O, class T>
void launch_forward(const DeviceCall<T>& call) {
  Forward<O, T> f{call.rows, {}, call.out, call.attributes};
  for (int k = 0; k < Element<O>::operands; ++k) f.in[k] = call.in[k];
  for_each_index(O::name, static_cast<long long>(call.rows) * call.columns, f);
}

template <class O, class T, int operand = 0>
void launch_vjp(const DeviceCall<T>& call) {
  if constexpr (operand < Element<O>::operands) {
    if constexpr ((differentiable_operands<O>() >> operand) & 1u) {
      const Panel<T>& in_bar = call.in_bar[operand];
      if (in_bar && call.columns > 0) {
        const int across = in_bar.column_stride == 0 ? call.columns : 1, columns = call.columns / across;
        Adjoint<O, T, operand> adjoint{across, {}, call.out, call.out_bar, call.attributes};
        for (int k = 0; k < Element<O>::operands; ++k) adjoint.in[k] = call.in[k];
        add_adjoints(O::name, columns, call.rows, adjoint, in_bar, call.scratch);
      }
    }
    launch_vjp<O, T, operand + 1>(call);
  }
}

}  // namespace

template <class T>
std::vector<DeviceOp<T>> device_elementwise() {
  std::vector<DeviceOp<T>> all;
  BuiltinOps::visit([&]<class O>(OpTag<O>) {
    if constexpr (Element<O>::operands > 0) all.push_back({&op_of<O>(), &launch_forward<O, T>, &launch_vjp<O, T>});
  });
  return all;
}

template std::vector<DeviceOp<float>> device_elementwise();
template std::vector<DeviceOp<double>> device_elementwise();

}  // namespace pigrad
