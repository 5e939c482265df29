#pragma once
#include <cstddef>

#include "../optimiser_steps.hpp"

namespace pigrad::simd {

using std::ptrdiff_t;

/// What the kernels of one instruction set offer, by pointers and strides alone: no file compiled for that set sees a
/// class or a template of the library or of the standard, so that nothing in it can be linked into other files.
///
/// A panel is [columns × ld]: rows (samples) contiguous, column c at data + c·ld, ld a multiple of 16 scalars. Kernels
/// compute, read and write up to the end of a panel's last whole vector, and sum over the first `rows` rows only.

/// Weight gradients of at most so many outputs, or of at most `narrow` inputs, are dot products over the samples.
inline constexpr int few = 4;

/// A product of at most so many inputs is finished, activation and all, before it leaves the registers.
inline constexpr int narrow = 8;

/// Rows of a weight gradient are summed chunk by chunk of this many rows.
inline constexpr int row_chunk = 96;

enum Activation { identity, tanh_of, relu_of, elu_of, sigmoid_of, activations };

enum Unary {
  unary_neg,
  unary_exp,
  unary_log,
  unary_tanh,
  unary_relu,
  unary_elu,
  unary_sigmoid,
  unary_softplus,
  unary_square,
  unary_sqrt,
  unary_abs,
  unary_clamp,
  unaries
};

enum Binary { binary_add, binary_sub, binary_mul, binary_div, binary_min, binary_max, binaries };

enum Rowwise { row_logsumexp, row_softmax, row_log_softmax, rowwises };

/// One panel, or a row or column of one stretched over it: element (r, c) is data[c·column + r·row], row 0 or 1.
template <class T>
struct Side {
  T* data;
  ptrdiff_t column, row;
};

/// A matrix in somebody else's memory: element (r, c) is data[r·row + c·column].
template <class T>
struct Weight {
  T* data;
  ptrdiff_t row, column;
};

/// Two layers of at most `narrow` inputs and one output: h = f(x wᵀ + b), y = h w₂ᵀ + b₂, their matrices by rows.
template <class T>
struct Pair {
  int rows, k, hidden;
  const T* x;
  ptrdiff_t ldx;
  const T *w, *b;
  T* h;
  ptrdiff_t ldh;
  const T *w2, *b2;
  T* y;  ///< backward: ȳ, which is only read
  ptrdiff_t ldy;
  T *w_bar, *b_bar, *w2_bar, *b2_bar;
};

template <class T>
struct Table {
  /// y = f(x wᵀ + b), x [k × ldx], y [n × ldy], w [n×k], b [n] by b_stride or null. A sample's sum starts from b (or y
  /// itself if `accumulate`) and takes k in ascending order, each by one fused multiply-add.
  void (*affine[activations])(int rows, int k, int n, const T* x, ptrdiff_t ldx, Weight<const T> w, const T* b,
                              ptrdiff_t b_stride, T* y, ptrdiff_t ldy, bool accumulate);
  /// The same, bit for bit, for at most `few_rows` samples, with w as `pack` leaves it.
  void (*affine_few_rows[activations])(int rows, int k, int n, const T* x, ptrdiff_t ldx, const T* packed,
                                       ptrdiff_t ldp, const T* b, ptrdiff_t b_stride, T* y, ptrdiff_t ldy);
  /// w̄ += ȳᵀ x, b̄ += Σ_rows ȳ in the order of `sum`. w̄, b̄ may be null. An entry of w̄ takes the rows of a chunk in
  /// ascending order; where n is at most `few` or k at most `narrow`, it is the folded sum of one partial sum a lane.
  void (*weight_vjp)(int rows, int k, int n, const T* y_bar, ptrdiff_t ldy, const T* x, ptrdiff_t ldx, Weight<T> w_bar,
                     T* b_bar, ptrdiff_t b_stride);
  /// out = ȳ ∘ f′, with f′ from the output y.
  void (*activation_vjp[activations])(int rows, int n, const T* y, ptrdiff_t ldy, const T* y_bar, ptrdiff_t ldb, T* out,
                                      ptrdiff_t ldo);
  /// out = (ȳ w) ∘ f′, with w [n×k] of unit stride along its rows and f′ from the values h of f.
  void (*input_vjp[activations])(int rows, int k, int n, const T* y_bar, ptrdiff_t ldb, Weight<const T> w, const T* h,
                                 ptrdiff_t ldh, T* out, ptrdiff_t ldo);
  /// h and y, to the bits of `affine` twice. Null where that gains nothing.
  void (*pair_forward[activations])(const Pair<T>& layers);
  /// w̄ += h̄ᵀ x, b̄ += Σ_rows h̄, w̄₂ += ȳᵀ h, b̄₂ += Σ_rows ȳ with h̄ = (ȳ w₂) ∘ f′(h); but for b̄₂, whose order is that of
  /// `sum`, each the folded sum of one partial sum a lane. Null as above.
  void (*pair_vjp[activations])(const Pair<T>& layers);
  struct UnaryPair {
    /// y = f(x)
    void (*forward)(int rows, int columns, const T* limits, const T* x, ptrdiff_t ldx, T* y, ptrdiff_t ldy);
    /// x̄ += ȳ f′(x, y)
    void (*vjp)(int rows, int columns, const T* limits, const T* x, ptrdiff_t ldx, const T* y, ptrdiff_t ldy,
                const T* y_bar, ptrdiff_t ldb, T* x_bar, ptrdiff_t ldo);
  } unary[unaries];
  struct BinaryPair {
    /// y = f(a, b)
    void (*forward)(int rows, int columns, Side<const T> a, Side<const T> b, T* y, ptrdiff_t ldy);
    /// ā += ȳ ∂f/∂a, b̄ += ȳ ∂f/∂b, summed over stretched sides. ā, b̄ may be null.
    void (*vjp)(int rows, int columns, Side<const T> a, Side<const T> b, const T* y, ptrdiff_t ldy, const T* y_bar,
                ptrdiff_t ldb, Side<T> a_bar, Side<T> b_bar);
  } binary[binaries];
  struct RowPair {
    void (*forward)(int rows, int columns, const T* x, ptrdiff_t ldx, T* y, ptrdiff_t ldy);
    void (*vjp)(int rows, int columns, const T* x, ptrdiff_t ldx, const T* y, ptrdiff_t ldy, const T* y_bar,
                ptrdiff_t ldb, T* x_bar, ptrdiff_t ldo);
  } rowwise[rowwises];
  /// out[c·stride] += Σ_rows x[c]: sixteen partial sums, row r into number r mod 16, then halves onto halves.
  void (*sum)(int rows, int columns, const T* x, ptrdiff_t ldx, T* out, ptrdiff_t stride);
  /// y = scale · Σ_columns x, in ascending order.
  void (*sum_columns)(int rows, int columns, T scale, const T* x, ptrdiff_t ldx, T* y);
  /// x̄ += scale · ȳ, with ȳ stretched over rows or columns.
  void (*sum_vjp)(int rows, int columns, T scale, Side<const T> y_bar, T* x_bar, ptrdiff_t ldo);
  OptimiserKernels<T> optimisers;
  /// packed[j·ldp + i] = w[i·k + j] of a dense w [n×k], zeros up to ldp ≥ n, a multiple of 16.
  void (*pack)(int k, int n, const T* w, T* packed, ptrdiff_t ldp);
  int few_rows;
};

}  // namespace pigrad::simd

namespace pigrad::avx2 {
extern const simd::Table<float> float_table;
extern const simd::Table<double> double_table;
}  // namespace pigrad::avx2

namespace pigrad::avx512 {
extern const simd::Table<float> float_table;
extern const simd::Table<double> double_table;
}  // namespace pigrad::avx512
