#pragma once

namespace pigrad {

/// The numbers of one step of Adam: nn/optimisers/adam.cpp has the equations.
template <class T>
struct AdamStep {
  T sign, decay, enter1, keep2, enter2, root_scale, epsilon, shrink, rate;
};

/// Moves `size` parameters, and the gradient's mean and mean square, by one step.
template <class T>
using AdamKernel = void (*)(int size, const AdamStep<T>& step, T* parameters, const T* gradient, T* mean, T* square);

}  // namespace pigrad
