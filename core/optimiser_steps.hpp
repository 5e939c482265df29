#pragma once

namespace pigrad {

/// The numbers of one step of Adam: nn/optimisers/adam.cpp has the equations.
template <class T>
struct AdamStep {
  T sign, decay, enter1, keep2, enter2, root_scale, epsilon, shrink, rate;
};

/// The numbers of one step of RMSprop: nn/optimisers/rmsprop.cpp has the equations.
template <class T>
struct RmsPropStep {
  T sign, decay, keep, enter, inside, outside, rate, momentum;
};

/// Steps over flat vectors: each moves `size` parameters, and what the optimiser remembers of each, once.
template <class T>
struct OptimiserKernels {
  void (*adam)(int size, const AdamStep<T>& step, T* parameters, const T* gradient, T* mean, T* square);
  /// @param mean of the gradient, null unless centered
  /// @param velocity null without momentum
  void (*rmsprop)(int size, const RmsPropStep<T>& step, T* parameters, const T* gradient, T* square, T* mean,
                  T* velocity);
};

}  // namespace pigrad
