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

template <class... O>
std::vector<const Op*> ops_of() {
  return {&op_of<O>()...};
}

/// The one list of ops: it drives gradient checks, backend parity and micro-benchmarks. Add an op by one file and a
/// line here.
inline std::vector<const Op*> builtin_ops() {
  return ops_of<Affine, Matmul, Add, Sub, Mul, Div, Neg, Exp, Log, Tanh, Relu, Elu, Sigmoid, Softplus, Square, Sqrt,
                Abs, Min, Max, Clamp, Where, Sum, SumRows, SumColumns, Mean, MeanRows, MeanColumns, Logsumexp, Softmax,
                LogSoftmax, Gather, Expand, Concatenate, Slice, StopGradient>();
}

}  // namespace pigrad
