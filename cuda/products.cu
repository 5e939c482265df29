#include "gemm.cuh"
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

/// What a library's product leaves to be done.
template <class T, class Finish>
struct FinishEach {
  int m;
  Strided<T> c, start;
  Finish finish;
  PIGRAD_HD void operator()(long long e) const {
    const long long i = e % m, j = e / m;
    c(i, j) = finish(i, j, start ? c(i, j) + start(0, j) : c(i, j));
  }
};

/// ȳ f′ of an activation whose reader has not done it.
template <class T>
struct Through {
  DeviceActivation f;
  int rows;
  Panel<T> out, out_bar, inner_bar;
  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i / rows), r = static_cast<int>(i % rows);
    inner_bar.set(c, r, out_bar.get(c, r) * slope(f, out.get(c, r)));
  }
};

/// The library's where the layer is wide and its memory is such as BLAS knows.
template <class T>
std::optional<Gemm<T>> wide_product(const DeviceCall<T>& call, int m, int n, int k, Strided<T> a, Strided<T> b,
                                    Strided<T> c, bool accumulate) {
  if (!call.blas || std::min(call.shapes[0].columns, call.columns) <= call.blas_above || call.rows == 0) return {};
  return gemm_of(m, n, k, a, b, c, accumulate);
}

template <class T, class Finish = Unchanged<T>>
void multiply(const char* where, const DeviceCall<T>& call, int n, int k, Strided<T> a, Strided<T> b, Strided<T> c,
              Strided<T> start, bool accumulate, const Finish& finish = {}) {
  const auto wide = wide_product(call, call.rows, n, k, a, b, c, accumulate);
  if (!wide) return product(where, call.rows, n, k, a, b, c, start, accumulate, finish);
  call.blas->multiply(*wide);
  if (!accumulate && (start || !std::is_same_v<Finish, Unchanged<T>>))
    for_each_index(where, static_cast<long long>(call.rows) * n, FinishEach<T, Finish>{call.rows, c, start, finish});
}

/// y = f(x wᵀ + b) with w [N×K]; matmul's right side is wᵀ.
template <class O, class T, DeviceActivation f = DeviceActivation::none>
void forward(const DeviceCall<T>& call) {
  constexpr bool is_affine = std::is_same_v<O, Affine>;
  const Strided<T> w = entries(call.in[1]), w_transposed = is_affine ? flipped(w) : w;
  multiply(O::name, call, call.columns, call.shapes[0].columns, entries(call.in[0]), w_transposed, entries(call.out),
           is_affine ? entries(call.in[2]) : Strided<T>{}, false, Activated<T, f>{});
}

/// x̄ (+)= ȳ w, or x̄ = ȳ w ∘ f′,  w̄ += ȳᵀ x,  b̄ += Σ_rows ȳ.
template <class O, class T>
void vjp(const DeviceCall<T>& call) {
  constexpr bool is_affine = std::is_same_v<O, Affine>;
  const int k = call.shapes[0].columns, n = call.columns;
  const Strided<T> x = entries(call.in[0]), y_bar = entries(call.out_bar), w = entries(call.in[1]);
  if (call.in_bar[0]) {
    const Strided<T> x_bar = entries(call.in_bar[0]), by = is_affine ? w : flipped(w);
    if (call.through_activation != DeviceActivation::none)
      multiply(O::name, call, k, n, y_bar, by, x_bar, {}, false, Sloped<T>{call.through_activation, x});
    else
      multiply(O::name, call, k, n, y_bar, by, x_bar, {}, !call.fresh[0]);
  }
  if (call.in_bar[1]) {
    const Strided<T> w_bar = is_affine ? entries(call.in_bar[1]) : flipped(entries(call.in_bar[1]));
    if (const auto wide = wide_product(call, n, k, call.rows, flipped(y_bar), x, w_bar, true))
      call.blas->multiply(*wide);
    else
      product_over_rows(O::name, n, k, call.rows, y_bar, x, w_bar, call.scratch);
  }
  if constexpr (is_affine) {
    Panel<T> b_bar = call.in_bar[2];
    b_bar.row_stride = 0;
    add_adjoints(O::name, n, call.rows, EntryOf<T>{y_bar}, b_bar, call.scratch);
  }
}

template <class T, DeviceActivation f>
void vjp_through(const DeviceCall<T>& call) {
  if (!call.inner_ready)
    for_each_index(Affine::name, static_cast<long long>(call.rows) * call.columns,
                   Through<T>{f, call.rows, call.out, call.out_bar, call.inner_bar});
  DeviceCall<T> inner = call;
  inner.out_bar = call.inner_bar;
  vjp<Affine>(inner);
}

template <class O, class T, DeviceActivation f>
DeviceFusion<T> fusion() {
  return {&op_of<O>(), &forward<Affine, T, f>, &vjp_through<T, f>};
}

}  // namespace

template <class T>
std::vector<DeviceOp<T>> device_products() {
  return {{&op_of<Affine>(), &forward<Affine, T>, &vjp<Affine, T>},
          {&op_of<Matmul>(), &forward<Matmul, T>, &vjp<Matmul, T>}};
}

template <class T>
std::vector<DeviceFusion<T>> device_fusions() {
  return {fusion<Tanh, T, DeviceActivation::tanh>(), fusion<Relu, T, DeviceActivation::relu>(),
          fusion<Elu, T, DeviceActivation::elu>(), fusion<Sigmoid, T, DeviceActivation::sigmoid>()};
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
template std::vector<DeviceFusion<float>> device_fusions();
template std::vector<DeviceFusion<double>> device_fusions();
template std::vector<DeviceOp<float>> device_ops();
template std::vector<DeviceOp<double>> device_ops();

}  // namespace pigrad
