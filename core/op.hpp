#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "dual.hpp"
#include "shape.hpp"

namespace pigrad {

class Tensor;

/// A matrix of real scalars in somebody else's memory: element (row r, column c) is data[r·row_stride +
/// c·column_stride].
template <class T>
struct View {
  T* data = nullptr;
  std::ptrdiff_t column_stride = 0, row_stride = 0;
  explicit operator bool() const { return data != nullptr; }
};

/// A node's values or adjoints in a block: a View in one plane (reals) or two (duals: values, tangents).
/// A stride of 0 broadcasts. A block's own panels have row stride 1: samples are contiguous, whatever the columns.
template <class S>
struct Panel {
  using R = Real<S>;
  R* value = nullptr;
  R* tangent = nullptr;
  std::ptrdiff_t column_stride = 0, row_stride = 0;

  PIGRAD_HD explicit operator bool() const { return value != nullptr; }
  PIGRAD_HD std::ptrdiff_t at(int c, int r) const { return c * column_stride + r * row_stride; }
  PIGRAD_HD S get(int c, int r) const {
    if constexpr (is_dual<S>)
      return {value[at(c, r)], tangent[at(c, r)]};
    else
      return value[at(c, r)];
  }
  PIGRAD_HD void set(int c, int r, S x) const {
    if constexpr (is_dual<S>) {
      value[at(c, r)] = x.v;
      tangent[at(c, r)] = x.t;
    } else {
      value[at(c, r)] = x;
    }
  }
  PIGRAD_HD void add(int c, int r, S x) const { set(c, r, get(c, r) + x); }
  View<R> values() const { return {value, column_stride, row_stride}; }
  View<R> tangents() const { return {tangent, column_stride, row_stride}; }
};

/// The matrix products of a backend. Shapes: x [rows×K], w [N×K], b [1×N], y [rows×N]; a panel's rows are samples.
/// A sample's sums run over k (or n) in ascending order from the bias, whatever the rows: its bits do not depend on its
/// place.
template <class T>
struct MatrixKernels {
  /// y = x wᵀ + b, or y += x wᵀ if accumulate. b may be null.
  void (*affine)(int rows, int k, int n, View<const T> x, View<const T> w, View<const T> b, View<T> y, bool accumulate);
  /// x̄ = ȳ w, or x̄ += ȳ w if accumulate.
  void (*input_vjp)(int rows, int k, int n, View<const T> y_bar, View<const T> w, View<T> x_bar, bool accumulate);
  /// w̄ += ȳᵀ x, b̄ += Σ_rows ȳ (either may be null). The order of the sums over rows depends on
  /// their number alone.
  void (*weight_vjp)(int rows, int k, int n, View<const T> y_bar, View<const T> x, View<T> w_bar, View<T> b_bar);
};

/// h̄ = (ȳ w) ∘ f′(h): the input's adjoint of an affine, passed through the activation f whose output h is that input.
/// Shapes: ȳ [rows×N], w [N×K], h and h̄ [rows×K]. h and h̄ may be one panel: an element is read before it is written.
template <class T>
using InputVjpThrough = void (*)(int rows, int k, int n, View<const T> y_bar, View<const T> w, View<const T> h,
                                 View<T> h_bar);

/// What an op was recorded with besides its operands.
struct Attributes {
  double low = 0, high = 0;  ///< clamp's limits
  int begin = 0, count = 0;  ///< slice's columns
  bool operator==(const Attributes&) const = default;
};

/// One parameter operand's part of every sample's own gradient, asked of ops that contract over samples (affine,
/// matmul).
template <class T>
struct SampleTarget {
  enum class Kind { none, norm, dot };
  Kind kind = Kind::none;
  T* out = nullptr;           ///< [rows]: adds ‖gᵢ‖² or gᵢ·v of this operand
  const T* vector = nullptr;  ///< v's part for this operand, row-major as the operand
};

/// Everything that a kernel may see: operands, output, adjoints, in a block of `rows` samples.
/// in_bar[i] is null where that operand wants no adjoint; a kernel adds to it, unless fresh[i] and the op assigns.
template <class S>
struct Call {
  static constexpr int max_operands = 3;
  using R = Real<S>;
  int rows = 0;     ///< samples in this block (or rows of a fixed tensor)
  int begin = 0;    ///< the block's first sample in the run
  int columns = 0;  ///< columns of the output
  Shape shapes[max_operands];
  Panel<S> in[max_operands];
  Panel<S> out;
  Panel<S> in_bar[max_operands];
  Panel<S> out_bar;
  Panel<S> inner_bar;                    ///< a fused kernel's own: the adjoint of the node that it swallowed
  bool inner_ready = false;              ///< the consumer has written inner_bar
  InputVjpThrough<R> through = nullptr;  ///< in_bar[0] is the inner adjoint of operand 0's step, to be written by this
  bool fresh[max_operands] = {};
  const std::int32_t* index = nullptr;  ///< [rows]: operand 1 of gather
  double scale = 1;                     ///< a mean's 1/count
  SampleTarget<R> sample[max_operands];
  Panel<S> lifted[max_operands];  ///< [entries × rows]: every sample's own adjoint of an operand, row-major entries
  Attributes attributes;
  const MatrixKernels<R>* matrix = nullptr;
  const Call* before = nullptr;  ///< the step that makes operand 0, which this kernel runs as well
  bool with_next = false;        ///< the consumer's kernel runs this step
  const R* packed = nullptr;     ///< an affine's weight, packed by the backend for few rows; null: not now
};

template <class S>
using Kernel = void (*)(const Call<S>&);

/// Forward and vjp of one op in one scalar.
template <class S>
struct KernelPair {
  Kernel<S> forward = nullptr;
  Kernel<S> vjp = nullptr;
};

/// Where a reduction stops being row-local, and how the blocks of a batch may treat an op.
enum class Locality {
  row_local,  ///< a row of the output needs the same row of the operands only
  reduction,  ///< sums over the rows of a batch: one value for all
};

/// How a value that depends on the whole batch may pass through an op without the op's vjp needing that value.
enum class Linearity { none, all, first_only, product };

/// One example of an op for the gradient judge, the backends' parity and the micro-benchmarks.
struct OpCase {
  struct Operand {
    Shape shape;
    double low = -2, high = 2;  ///< values are drawn from here
  };
  std::string what;
  std::vector<Operand> operands;
  std::function<Tensor(const std::vector<Tensor>&)> record;
  int index_below = 0;  ///< above 0: a last operand of integers in [0, index_below)
};

/// An op: its name, how shapes combine, and its plain kernels in every scalar. Built by make_op from a struct.
struct Op {
  const char* name = "";
  int operands = 0;
  Locality locality = Locality::row_local;
  Linearity linearity = Linearity::none;
  unsigned differentiable = 0;  ///< bit i: operand i receives an adjoint
  unsigned indices = 0;         ///< bit i: operand i is integers, made by Tape::index
  bool assigns = false;         ///< its vjp writes fresh adjoints instead of adding to zeros
  bool contracts = false;       ///< its vjp sums outer products over samples: affine, matmul
  bool averages = false;        ///< a reduction divided by the count
  Shape (*shape)(const Shape* operands, const Attributes& attributes) = nullptr;
  std::tuple<KernelPair<float>, KernelPair<double>, KernelPair<Dual<float>>, KernelPair<Dual<double>>> kernels;
  std::vector<OpCase> (*cases)() = nullptr;
};

/// Bit i: operand i of the op O receives an adjoint. All do, unless O says otherwise.
template <class O>
constexpr unsigned differentiable_operands() {
  if constexpr (requires { O::differentiable; })
    return O::differentiable;
  else
    return (1u << O::operands) - 1u;
}

/// The Op of a struct that has name, operands, shape(), forward<S>(), vjp<S>() and cases(): one object a type.
/// Optional members: locality, linearity, differentiable, indices, assigns, contracts, averages.
template <class O>
const Op& op_of() {
  static const Op op = [] {
    Op made;
    made.name = O::name;
    made.operands = O::operands;
    made.shape = &O::shape;
    made.cases = &O::cases;
    made.differentiable = differentiable_operands<O>();
    if constexpr (requires { O::locality; }) made.locality = O::locality;
    if constexpr (requires { O::linearity; }) made.linearity = O::linearity;
    if constexpr (requires { O::indices; }) made.indices = O::indices;
    if constexpr (requires { O::assigns; }) made.assigns = O::assigns;
    if constexpr (requires { O::contracts; }) made.contracts = O::contracts;
    if constexpr (requires { O::averages; }) made.averages = O::averages;
    made.kernels = {{&O::template forward<float>, &O::template vjp<float>},
                    {&O::template forward<double>, &O::template vjp<double>},
                    {&O::template forward<Dual<float>>, &O::template vjp<Dual<float>>},
                    {&O::template forward<Dual<double>>, &O::template vjp<Dual<double>>}};
    return made;
  }();
  return op;
}

}  // namespace pigrad

/// Follows a built-in op: its kernels are compiled once, in core/ops.cpp with core's flags, so that no caller's flags
/// change a bit of them. An op of a user's own needs no such line.
#ifdef PIGRAD_COMPILE_OPS
#define PIGRAD_BUILTIN_OP(O) template const Op& op_of<O>()
#else
#define PIGRAD_BUILTIN_OP(O) extern template const Op& op_of<O>()
#endif
