#pragma once
#include <cmath>

#include "macros.hpp"

namespace pigrad {

/// x, or 0 where it is smaller than any normal number. What an optimiser remembers of a unit that gets no gradient any
/// more fades into numbers with which processors take ten times as long, and would stay there.
template <class T>
PIGRAD_HD inline T normal(T x) {
  constexpr T least = sizeof(T) == 4 ? T(0x1p-126) : T(0x1p-1022);
  return -least < x && x < least ? T(0) : x;
}

/// The numbers of one step of Adam: nn/optimisers/adam.cpp has the equations.
template <class T>
struct AdamStep {
  T sign, decay, enter1, keep2, enter2, root_scale, epsilon, shrink, rate;
};

/// One parameter's part of that step, plainly; `mean` and `square` are what Adam remembers of it.
template <class T>
PIGRAD_HD inline void move_adam(const AdamStep<T>& step, T& parameter, T gradient, T& mean, T& square) {
  using std::sqrt;
  const T g = step.sign * gradient + step.decay * parameter;
  mean = normal(mean + step.enter1 * (g - mean));
  square = normal(step.keep2 * square + step.enter2 * g * g);
  const T denominator = sqrt(square) * step.root_scale + step.epsilon;
  parameter = step.shrink * parameter - step.rate * mean / denominator;
}

/// The numbers of one step of RMSprop: nn/optimisers/rmsprop.cpp has the equations.
template <class T>
struct RmsPropStep {
  T sign, decay, keep, enter, inside, outside, rate, momentum;
};

/// @param mean of the gradient, null unless centered
/// @param velocity null without momentum
template <class T>
PIGRAD_HD inline void move_rmsprop(const RmsPropStep<T>& step, T& parameter, T gradient, T& square, T* mean,
                                   T* velocity) {
  using std::sqrt;
  const T g = step.sign * gradient + step.decay * parameter;
  square = normal(step.keep * square + step.enter * g * g);
  T variance = square;
  if (mean) {
    *mean = normal(*mean + step.enter * (g - *mean));
    variance = variance - *mean * *mean;
    if (variance < T(0)) variance = 0;
  }
  const T root = sqrt(variance + step.inside) + step.outside;
  if (velocity) *velocity = normal(step.momentum * *velocity + g / root);
  parameter -= velocity ? step.rate * *velocity : step.rate * g / root;
}

/// The numbers of one step of stochastic gradient descent: nn/optimisers/sgd.cpp has the equations.
template <class T>
struct SgdStep {
  T sign, decay, rate, keep, enter, ahead, own;
};

/// @param velocity null without momentum
template <class T>
PIGRAD_HD inline void move_sgd(const SgdStep<T>& step, T& parameter, T gradient, T* velocity) {
  const T g = step.sign * gradient + step.decay * parameter;
  if (velocity) *velocity = normal(step.keep * *velocity + step.enter * g);
  parameter -= step.rate * (velocity ? step.ahead * g + step.own * *velocity : g);
}

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
