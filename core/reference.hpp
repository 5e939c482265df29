#pragma once
#include "backend.hpp"

namespace pigrad {

/// The products written plainly on Eigen, kept for ever as the truth. Every sum has one order: ascending k, n or row.
template <class T>
MatrixKernels<T> reference_matrix();

/// Adam's step as a plain loop.
template <class T>
AdamKernel<T> reference_adam();

}  // namespace pigrad
