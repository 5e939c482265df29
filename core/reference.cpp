#include "reference.hpp"

#include <Eigen/Core>
#include <cmath>

namespace pigrad {
namespace {

template <class T>
using Column = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>, 0, Eigen::InnerStride<>>;
template <class T>
using ConstColumn = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>, 0, Eigen::InnerStride<>>;

template <class T>
Column<T> column(View<T> v, int c, int rows) {
  return {v.data + c * v.column_stride, rows, Eigen::InnerStride<>(v.row_stride)};
}
template <class T>
ConstColumn<T> column(View<const T> v, int c, int rows) {
  return {v.data + c * v.column_stride, rows, Eigen::InnerStride<>(v.row_stride)};
}
template <class T>
T at(View<const T> v, int r, int c) {
  return v.data[r * v.row_stride + c * v.column_stride];
}

template <class T>
void affine(int rows, int k, int n, View<const T> x, View<const T> w, View<const T> b, View<T> y, bool accumulate) {
  for (int i = 0; i < n; ++i) {
    auto y_i = column(y, i, rows);
    if (!accumulate) y_i.setConstant(b ? at(b, 0, i) : T(0));
    for (int j = 0; j < k; ++j) y_i += at(w, i, j) * column(x, j, rows);
  }
}

template <class T>
void input_vjp(int rows, int k, int n, View<const T> y_bar, View<const T> w, View<T> x_bar, bool accumulate) {
  for (int j = 0; j < k; ++j) {
    auto x_j = column(x_bar, j, rows);
    if (!accumulate) x_j.setZero();
    for (int i = 0; i < n; ++i) x_j += at(w, i, j) * column(y_bar, i, rows);
  }
}

template <class T>
void weight_vjp(int rows, int k, int n, View<const T> y_bar, View<const T> x, View<T> w_bar, View<T> b_bar) {
  for (int i = 0; i < n; ++i) {
    const T* y = y_bar.data + i * y_bar.column_stride;
    for (int j = 0; w_bar && j < k; ++j) {
      const T* x_j = x.data + j * x.column_stride;
      T sum = 0;
      for (int r = 0; r < rows; ++r) sum += y[r * y_bar.row_stride] * x_j[r * x.row_stride];
      w_bar.data[i * w_bar.row_stride + j * w_bar.column_stride] += sum;
    }
    T sum = 0;
    for (int r = 0; b_bar && r < rows; ++r) sum += y[r * y_bar.row_stride];
    if (b_bar) b_bar.data[i * b_bar.column_stride] += sum;
  }
}

template <class T>
void adam(int size, const AdamStep<T>& step, T* __restrict parameters, const T* __restrict gradient, T* __restrict mean,
          T* __restrict square) {
  for (int i = 0; i < size; ++i) move_adam(step, parameters[i], gradient[i], mean[i], square[i]);
}

template <class T>
void rmsprop(int size, const RmsPropStep<T>& step, T* __restrict parameters, const T* __restrict gradient,
             T* __restrict square, T* __restrict mean, T* __restrict velocity) {
  for (int i = 0; i < size; ++i)
    move_rmsprop(step, parameters[i], gradient[i], square[i], mean ? mean + i : nullptr,
                 velocity ? velocity + i : nullptr);
}

}  // namespace

template <class T>
MatrixKernels<T> reference_matrix() {
  return {&affine<T>, &input_vjp<T>, &weight_vjp<T>};
}
template MatrixKernels<float> reference_matrix<float>();
template MatrixKernels<double> reference_matrix<double>();

template <class T>
OptimiserKernels<T> reference_optimisers() {
  return {&adam<T>, &rmsprop<T>};
}
template OptimiserKernels<float> reference_optimisers<float>();
template OptimiserKernels<double> reference_optimisers<double>();

}  // namespace pigrad
