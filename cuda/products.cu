#include "../core/ops/list.hpp"
#include "product.cuh"
#include "sums.cuh"

namespace pigrad {
namespace {

/// Entry (row, column) of a panel.
template <class T>
Strided<T> entries(const Panel<T>& p) {
  return {p.value, p.row_stride, p.column_stride};
}
template <class T>
Strided<T> flipped(Strided<T> s) {
  return {s.data, s.j_stride, s.i_stride};
}

/// Entry (row, column) as an adjoint's part.
template <class T>
struct EntryOf {
  Strided<T> x;
  PIGRAD_HD T operator()(int c, int r) const { return x(r, c); }
};

/// y = x wᵀ + b with w [N×K]; matmul's right side is wᵀ.
template <class O, class T>
void forward(const DeviceCall<T>& call) {
  constexpr bool is_affine = std::is_same_v<O, Affine>;
  const Strided<T> w = entries(call.in[1]), w_transposed = is_affine ? flipped(w) : w;
  product(O::name, call.rows, call.columns, call.shapes[0].columns, entries(call.in[0]), w_transposed,
          entries(call.out), is_affine ? entries(call.in[2]) : Strided<T>{}, false);
}

/// x̄ (+)= ȳ w,  w̄ += ȳᵀ x,  b̄ += Σ_rows ȳ.
template <class O, class T>
void vjp(const DeviceCall<T>& call) {
  constexpr bool is_affine = std::is_same_v<O, Affine>;
  const int k = call.shapes[0].columns, n = call.columns;
  const Strided<T> x = entries(call.in[0]), y_bar = entries(call.out_bar), w = entries(call.in[1]);
  if (call.in_bar[0])
    product(O::name, call.rows, k, n, y_bar, is_affine ? w : flipped(w), entries(call.in_bar[0]), {}, !call.fresh[0]);
  if (call.in_bar[1]) {
    const Strided<T> w_bar = entries(call.in_bar[1]);
    product_over_rows(O::name, n, k, call.rows, y_bar, x, is_affine ? w_bar : flipped(w_bar), call.scratch);
  }
  if constexpr (is_affine) {
    Panel<T> b_bar = call.in_bar[2];
    b_bar.row_stride = 0;
    add_adjoints(O::name, n, call.rows, EntryOf<T>{y_bar}, b_bar, call.scratch);
  }
}

}  // namespace

template <class T>
std::vector<DeviceOp<T>> device_products() {
  return {{&op_of<Affine>(), &forward<Affine, T>, &vjp<Affine, T>},
          {&op_of<Matmul>(), &forward<Matmul, T>, &vjp<Matmul, T>}};
}

template <class T>
std::vector<DeviceOp<T>> device_ops() {
  std::vector<DeviceOp<T>> all;
  for (const auto& part : {device_elementwise<T>(), device_rows<T>(), device_reductions<T>(), device_products<T>()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

template std::vector<DeviceOp<float>> device_products();
template std::vector<DeviceOp<double>> device_products();
template std::vector<DeviceOp<float>> device_ops();
template std::vector<DeviceOp<double>> device_ops();

}  // namespace pigrad
