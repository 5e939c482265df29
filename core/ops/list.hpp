#pragma once
#include <vector>

#include "abs.hpp"
#include "add.hpp"
#include "affine.hpp"
#include "clamp.hpp"
#include "concatenate.hpp"
#include "div.hpp"
#include "elu.hpp"
#include "exp.hpp"
#include "expand.hpp"
#include "gather.hpp"
#include "log.hpp"
#include "matmul.hpp"
#include "max.hpp"
#include "min.hpp"
#include "mul.hpp"
#include "neg.hpp"
#include "reduce.hpp"
#include "relu.hpp"
#include "sigmoid.hpp"
#include "slice.hpp"
#include "softmax.hpp"
#include "softplus.hpp"
#include "sqrt.hpp"
#include "square.hpp"
#include "stop_gradient.hpp"
#include "sub.hpp"
#include "tanh.hpp"
#include "where.hpp"

namespace pigrad {

/// Ops by type: `visit` calls f with OpTag<O> for each.
template <class O>
struct OpTag {
  using type = O;
};
template <class... O>
struct OpList {
  template <class F>
  static void visit(F&& f) {
    (f(OpTag<O>{}), ...);
  }
};

/// The one list of ops: it drives gradient checks, backend parity and micro-benchmarks, and makes the GPU's kernels.
/// Add an op by one file and a line here.
using BuiltinOps = OpList<Affine, Matmul, Add, Sub, Mul, Div, Neg, Exp, Log, Tanh, Relu, Elu, Sigmoid, Softplus, Square,
                          Sqrt, Abs, Min, Max, Clamp, Where, Sum, SumRows, SumColumns, Mean, MeanRows, MeanColumns,
                          Logsumexp, Softmax, LogSoftmax, Gather, Expand, Concatenate, Slice, StopGradient>;

inline std::vector<const Op*> builtin_ops() {
  std::vector<const Op*> all;
  BuiltinOps::visit([&](auto tag) { all.push_back(&op_of<typename decltype(tag)::type>()); });
  return all;
}

}  // namespace pigrad
