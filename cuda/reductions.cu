#include "../core/ops/list.hpp"
#include "sums.cuh"

namespace pigrad {
namespace {

/// What column c of the output sums at row r.
template <class T, Axis axis>
struct Term {
  Panel<T> x;
  int columns;

  PIGRAD_HD T operator()(int c, int r) const {
    if constexpr (axis == Axis::rows) return x.get(c, r);
    T sum = 0;
    for (int k = 0; k < columns; ++k) sum += x.get(k, r);
    return sum;
  }
};

template <class T>
struct StoreScaled {
  Panel<T> out;
  T scale;
  PIGRAD_HD void operator()(int c, T sum) const { out.set(c, 0, sum * scale); }
};

template <class T, Axis axis>
struct VjpOfSum {
  Panel<T> in_bar, out_bar;
  int rows;
  T scale;

  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i / rows), r = static_cast<int>(i % rows);
    in_bar.add(c, r, scale * out_bar.get(axis == Axis::rows ? c : 0, 0));
  }
};

template <class O, class T, Axis axis>
void forward(const DeviceCall<T>& call) {
  sum_over_rows(O::name, call.columns, call.rows, Term<T, axis>{call.in[0], call.shapes[0].columns},
                StoreScaled<T>{call.out, static_cast<T>(call.scale)}, call.scratch);
}

template <class O, class T, Axis axis>
void vjp(const DeviceCall<T>& call) {
  if (call.in_bar[0])
    for_each_index(O::name, static_cast<long long>(call.rows) * call.shapes[0].columns,
                   VjpOfSum<T, axis>{call.in_bar[0], call.out_bar, call.rows, static_cast<T>(call.scale)});
}

}  // namespace

template <class T>
std::vector<DeviceOp<T>> device_reductions() {
  std::vector<DeviceOp<T>> all;
  BuiltinOps::visit([&]<class O>(OpTag<O>) {
    if constexpr (requires { O::locality; }) {
      if constexpr (O::locality == Locality::reduction) {
        constexpr Axis axis = O::axis;
        all.push_back({&op_of<O>(), &forward<O, T, axis>, &vjp<O, T, axis>});
      }
    }
  });
  return all;
}

template std::vector<DeviceOp<float>> device_reductions();
template std::vector<DeviceOp<double>> device_reductions();

}  // namespace pigrad
