#include "backend.hpp"

#include "../ops/list.hpp"
#include "../reference.hpp"
#include "table.hpp"

namespace pigrad::simd {
namespace {

#if defined(PIGRAD_X86_SIMD)

/// Whether kernels may work on whole vectors of v: rows contiguous, columns padded as a block's panels are.
template <class T>
bool padded(View<T> v) {
  return v.row_stride == 1 && v.column_stride >= 16 && v.column_stride % 16 == 0;
}

/// Whether w has unit stride along its rows or along its columns.
template <class T>
bool dense(View<T> w) {
  return w.row_stride == 1 || w.column_stride == 1;
}

template <class T>
Side<T> side(const Panel<T>& p) {
  return {p.value, p.column_stride, p.row_stride};
}
template <class T>
Side<const T> readable_side(const Panel<T>& p) {
  return {p.value, p.column_stride, p.row_stride};
}

/// The kernels of a Table behind the types of the library. What a table cannot do (fixed tensors, odd strides), the
/// plain kernels do.
template <class T, const Table<T>& table>
struct Kernels {
  static void product(int rows, int k, int n, View<const T> x, View<const T> w, View<const T> b, View<T> y,
                      bool accumulate, Activation activation) {
    table.affine[activation](rows, k, n, x.data, x.column_stride, {w.data, w.row_stride, w.column_stride}, b.data,
                             b.column_stride, y.data, y.column_stride, accumulate);
  }
  static void affine(int rows, int k, int n, View<const T> x, View<const T> w, View<const T> b, View<T> y,
                     bool accumulate) {
    if (!padded(x) || !padded(y) || !dense(w)) return reference_matrix<T>().affine(rows, k, n, x, w, b, y, accumulate);
    product(rows, k, n, x, w, b, y, accumulate, identity);
  }
  static void input_vjp(int rows, int k, int n, View<const T> y_bar, View<const T> w, View<T> x_bar, bool accumulate) {
    if (!padded(y_bar) || !padded(x_bar) || !dense(w))
      return reference_matrix<T>().input_vjp(rows, k, n, y_bar, w, x_bar, accumulate);
    product(rows, n, k, y_bar, {w.data, w.row_stride, w.column_stride}, {}, x_bar, accumulate, identity);
  }
  static void weight_vjp(int rows, int k, int n, View<const T> y_bar, View<const T> x, View<T> w_bar, View<T> b_bar) {
    if (!padded(y_bar) || !padded(x)) return reference_matrix<T>().weight_vjp(rows, k, n, y_bar, x, w_bar, b_bar);
    table.weight_vjp(rows, k, n, y_bar.data, y_bar.column_stride, x.data, x.column_stride,
                     {w_bar.data, w_bar.row_stride, w_bar.column_stride}, b_bar.data, b_bar.column_stride);
  }

  /// y = f(x wᵀ + b) of few rows through packed weights.
  static void few_rows(const Call<T>& call, Activation activation) {
    const Panel<T>&x = call.in[0], &b = call.in[2];
    table.affine_few_rows[activation](call.rows, call.shapes[0].columns, call.columns, x.value, x.column_stride,
                                      call.packed, Backend<T>::packed_ld(call.columns), b.value, b.column_stride,
                                      call.out.value, call.out.column_stride);
  }
  struct PlainAffine {
    static void forward(const Call<T>& call) {
      if (call.packed)
        few_rows(call, identity);
      else
        Affine::forward<T>(call);
    }
    static void vjp(const Call<T>& call) { Affine::vjp<T>(call); }
  };

  template <class O, Activation a>
  struct AffineThen {
    static void forward(const Call<T>& call) {
      if (call.packed) return few_rows(call, a);
      if (padded(call.in[0].values()) && dense(call.in[1].values())) {
        product(call.rows, call.shapes[0].columns, call.columns, readable(call.in[0].values()),
                readable(call.in[1].values()), readable(call.in[2].values()), call.out.values(), false, a);
      } else {
        Affine::forward<T>(call);
        Call<T> second = call;
        second.in[0] = call.out;
        O::template forward<T>(second);
      }
    }
    static void vjp(const Call<T>& call) {
      if (!call.inner_ready)
        table.activation_vjp[a](call.rows, call.columns, call.out.value, call.out.column_stride, call.out_bar.value,
                                call.out_bar.column_stride, call.inner_bar.value, call.inner_bar.column_stride);
      Call<T> first = call;
      first.out_bar = call.inner_bar;
      Affine::vjp<T>(first);
    }
    static void through(int rows, int k, int n, View<const T> y_bar, View<const T> w, View<const T> h, View<T> h_bar) {
      table.input_vjp[a](rows, k, n, y_bar.data, y_bar.column_stride, {w.data, w.row_stride, w.column_stride}, h.data,
                         h.column_stride, h_bar.data, h_bar.column_stride);
    }
  };

  /// An affine and the fused step before it in one pass.
  template <Activation a>
  struct AfterThen {
    static Pair<T> layers(const Call<T>& second, const Panel<T>& y) {
      const Call<T>& first = *second.before;
      const Panel<T>&x = first.in[0], &h = first.out;
      return {second.rows,           first.shapes[0].columns, first.columns,         x.value,
              x.column_stride,       first.in[1].value,       first.in[2].value,     h.value,
              h.column_stride,       second.in[1].value,      second.in[2].value,    y.value,
              y.column_stride,       first.in_bar[1].value,   first.in_bar[2].value, second.in_bar[1].value,
              second.in_bar[2].value};
    }
    static void forward(const Call<T>& call) { table.pair_forward[a](layers(call, call.out)); }
    static void vjp(const Call<T>& call) { table.pair_vjp[a](layers(call, call.out_bar)); }
  };

  template <class O, Unary u>
  struct OfOne {
    static void forward(const Call<T>& call) {
      if (!call.shapes[0].is_batch()) return O::template forward<T>(call);
      const T limits[] = {static_cast<T>(call.attributes.low), static_cast<T>(call.attributes.high)};
      table.unary[u].forward(call.rows, call.columns, limits, call.in[0].value, call.in[0].column_stride,
                             call.out.value, call.out.column_stride);
    }
    static void vjp(const Call<T>& call) {
      if (!call.shapes[0].is_batch()) return O::template vjp<T>(call);
      const T limits[] = {static_cast<T>(call.attributes.low), static_cast<T>(call.attributes.high)};
      table.unary[u].vjp(call.rows, call.columns, limits, call.in[0].value, call.in[0].column_stride, call.out.value,
                         call.out.column_stride, call.out_bar.value, call.out_bar.column_stride, call.in_bar[0].value,
                         call.in_bar[0].column_stride);
    }
  };

  template <class O, Binary b>
  struct OfTwo {
    static bool over_batch(const Call<T>& call) { return call.shapes[0].is_batch() || call.shapes[1].is_batch(); }
    static void forward(const Call<T>& call) {
      if (!over_batch(call)) return O::template forward<T>(call);
      table.binary[b].forward(call.rows, call.columns, readable_side(call.in[0]), readable_side(call.in[1]),
                              call.out.value, call.out.column_stride);
    }
    static void vjp(const Call<T>& call) {
      if (!over_batch(call)) return O::template vjp<T>(call);
      table.binary[b].vjp(call.rows, call.columns, readable_side(call.in[0]), readable_side(call.in[1]), call.out.value,
                          call.out.column_stride, call.out_bar.value, call.out_bar.column_stride, side(call.in_bar[0]),
                          side(call.in_bar[1]));
    }
  };

  template <class O, Rowwise f>
  struct AlongRows {
    static void forward(const Call<T>& call) {
      if (!call.shapes[0].is_batch()) return O::template forward<T>(call);
      table.rowwise[f].forward(call.rows, call.shapes[0].columns, call.in[0].value, call.in[0].column_stride,
                               call.out.value, call.out.column_stride);
    }
    static void vjp(const Call<T>& call) {
      if (!call.shapes[0].is_batch()) return O::template vjp<T>(call);
      table.rowwise[f].vjp(call.rows, call.shapes[0].columns, call.in[0].value, call.in[0].column_stride,
                           call.out.value, call.out.column_stride, call.out_bar.value, call.out_bar.column_stride,
                           call.in_bar[0].value, call.in_bar[0].column_stride);
    }
  };

  template <class O, Axis axis>
  struct Summed {
    static void forward(const Call<T>& call) {
      const int columns = call.shapes[0].columns;
      const Panel<T>& x = call.in[0];
      if (!call.shapes[0].is_batch()) return O::template forward<T>(call);
      if (axis == Axis::columns)
        table.sum_columns(call.rows, columns, static_cast<T>(call.scale), x.value, x.column_stride, call.out.value);
      else
        table.sum(call.rows, columns, x.value, x.column_stride, call.out.value,
                  axis == Axis::rows ? call.out.column_stride : 0);
    }
    static void vjp(const Call<T>& call) {
      if (!call.shapes[0].is_batch()) return O::template vjp<T>(call);
      Side<const T> y_bar = readable_side(call.out_bar);
      if (axis != Axis::rows) y_bar.column = 0;
      y_bar.row = axis == Axis::columns ? 1 : 0;
      table.sum_vjp(call.rows, call.shapes[0].columns, static_cast<T>(call.scale), y_bar, call.in_bar[0].value,
                    call.in_bar[0].column_stride);
    }
  };

  template <class O, class K>
  static typename Backend<T>::Entry entry() {
    return {&op_of<O>(), {&K::forward, &K::vjp}};
  }
  template <class O, Activation a>
  static typename Backend<T>::Fusion fusion() {
    return {
        &op_of<Affine>(),
        &op_of<O>(),
        {&AffineThen<O, a>::forward, &AffineThen<O, a>::vjp},
        &AffineThen<O, a>::through,
        {table.pair_forward[a] ? &AfterThen<a>::forward : nullptr, table.pair_vjp[a] ? &AfterThen<a>::vjp : nullptr}};
  }

  static Backend<T> backend(const char* name) {
    return {name,
            {&affine, &input_vjp, &weight_vjp},
            table.optimisers,
            table.pack,
            table.few_rows,
            {entry<Affine, PlainAffine>(),
             entry<Neg, OfOne<Neg, unary_neg>>(),
             entry<Exp, OfOne<Exp, unary_exp>>(),
             entry<Log, OfOne<Log, unary_log>>(),
             entry<Tanh, OfOne<Tanh, unary_tanh>>(),
             entry<Relu, OfOne<Relu, unary_relu>>(),
             entry<Elu, OfOne<Elu, unary_elu>>(),
             entry<Sigmoid, OfOne<Sigmoid, unary_sigmoid>>(),
             entry<Softplus, OfOne<Softplus, unary_softplus>>(),
             entry<Square, OfOne<Square, unary_square>>(),
             entry<Sqrt, OfOne<Sqrt, unary_sqrt>>(),
             entry<Abs, OfOne<Abs, unary_abs>>(),
             entry<Clamp, OfOne<Clamp, unary_clamp>>(),
             entry<Add, OfTwo<Add, binary_add>>(),
             entry<Sub, OfTwo<Sub, binary_sub>>(),
             entry<Mul, OfTwo<Mul, binary_mul>>(),
             entry<Div, OfTwo<Div, binary_div>>(),
             entry<Min, OfTwo<Min, binary_min>>(),
             entry<Max, OfTwo<Max, binary_max>>(),
             entry<Logsumexp, AlongRows<Logsumexp, row_logsumexp>>(),
             entry<Softmax, AlongRows<Softmax, row_softmax>>(),
             entry<LogSoftmax, AlongRows<LogSoftmax, row_log_softmax>>(),
             entry<Sum, Summed<Sum, Axis::all>>(),
             entry<SumRows, Summed<SumRows, Axis::rows>>(),
             entry<SumColumns, Summed<SumColumns, Axis::columns>>(),
             entry<Mean, Summed<Mean, Axis::all>>(),
             entry<MeanRows, Summed<MeanRows, Axis::rows>>(),
             entry<MeanColumns, Summed<MeanColumns, Axis::columns>>()},
            {fusion<Tanh, tanh_of>(), fusion<Relu, relu_of>(), fusion<Elu, elu_of>(), fusion<Sigmoid, sigmoid_of>()}};
  }
};

bool runs_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool runs_avx512() {
  return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}

#endif

}  // namespace

#if defined(PIGRAD_X86_SIMD)

template <>
std::vector<Backend<float>> backends() {
  std::vector<Backend<float>> all;
  if (runs_avx2()) all.push_back(Kernels<float, avx2::float_table>::backend("avx2"));
  if (runs_avx512()) all.push_back(Kernels<float, avx512::float_table>::backend("avx512"));
  return all;
}
template <>
std::vector<Backend<double>> backends() {
  std::vector<Backend<double>> all;
  if (runs_avx2()) all.push_back(Kernels<double, avx2::double_table>::backend("avx2"));
  if (runs_avx512()) all.push_back(Kernels<double, avx512::double_table>::backend("avx512"));
  return all;
}

#else

template <>
std::vector<Backend<float>> backends() {
  return {};
}
template <>
std::vector<Backend<double>> backends() {
  return {};
}

#endif

}  // namespace pigrad::simd
