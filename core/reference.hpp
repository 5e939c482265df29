#pragma once
#include "backend.hpp"

namespace pigrad {

/// The products written plainly on Eigen, kept for ever as the truth. Every sum has one order: ascending k, n or row.
template <class T>
MatrixKernels<T> reference_matrix();

/// The optimisers' steps as plain loops.
template <class T>
OptimiserKernels<T> reference_optimisers();

}  // namespace pigrad
