#pragma once
#include <cmath>
#include <cstdint>

#include "../../core/optimiser_steps.hpp"
#include "../optimiser.hpp"

namespace pigrad {

/// Adam's numbers, or adamw's, but for what changes from step to step.
struct AdamRule {
  explicit AdamRule(const OptimiserSettings& s)
      : maximise(s.maximise),
        decoupled(s.name == "adamw"),
        weight_decay(s.weight_decay),
        beta1(s.beta1),
        beta2(s.beta2),
        epsilon(s.epsilon) {}

  /// @param t counted from 1
  template <class T>
  PIGRAD_HD AdamStep<T> step(double learning_rate, std::int64_t t) const {
    using std::pow, std::sqrt;
    const auto steps = static_cast<double>(t);
    const double bias1 = 1 - pow(beta1, steps), bias2_root = sqrt(1 - pow(beta2, steps));
    const double decay = decoupled ? 0 : weight_decay, shrink = decoupled ? 1 - learning_rate * weight_decay : 1;
    return {.sign = maximise ? T(-1) : T(1),
            .decay = static_cast<T>(decay),
            .enter1 = static_cast<T>(1 - beta1),
            .keep2 = static_cast<T>(beta2),
            .enter2 = static_cast<T>(1 - beta2),
            .root_scale = static_cast<T>(1 / bias2_root),
            .epsilon = static_cast<T>(epsilon),
            .shrink = static_cast<T>(shrink),
            .rate = static_cast<T>(learning_rate / bias1)};
  }

  bool maximise, decoupled;
  double weight_decay, beta1, beta2, epsilon;
};

/// The same of RMSprop.
struct RmsPropRule {
  explicit RmsPropRule(const OptimiserSettings& s)
      : maximise(s.maximise),
        epsilon_inside(s.epsilon_inside),
        weight_decay(s.weight_decay),
        alpha(s.alpha),
        epsilon(s.epsilon),
        momentum(s.momentum) {}

  template <class T>
  PIGRAD_HD RmsPropStep<T> step(double learning_rate, std::int64_t) const {
    return {.sign = maximise ? T(-1) : T(1),
            .decay = static_cast<T>(weight_decay),
            .keep = static_cast<T>(alpha),
            .enter = static_cast<T>(1 - alpha),
            .inside = epsilon_inside ? static_cast<T>(epsilon) : T(0),
            .outside = epsilon_inside ? T(0) : static_cast<T>(epsilon),
            .rate = static_cast<T>(learning_rate),
            .momentum = static_cast<T>(momentum)};
  }

  bool maximise, epsilon_inside;
  double weight_decay, alpha, epsilon, momentum;
};

/// The same of stochastic gradient descent.
struct SgdRule {
  explicit SgdRule(const OptimiserSettings& s)
      : maximise(s.maximise),
        nesterov(s.nesterov),
        weight_decay(s.weight_decay),
        momentum(s.momentum),
        dampening(s.dampening) {}

  template <class T>
  PIGRAD_HD SgdStep<T> step(double learning_rate, std::int64_t t) const {
    const bool first = t == 1;
    return {.sign = maximise ? T(-1) : T(1),
            .decay = static_cast<T>(weight_decay),
            .rate = static_cast<T>(learning_rate),
            .keep = first ? T(0) : static_cast<T>(momentum),
            .enter = first ? T(1) : static_cast<T>(1 - dampening),
            .ahead = nesterov ? T(1) : T(0),
            .own = nesterov ? static_cast<T>(momentum) : T(1)};
  }

  bool maximise, nesterov;
  double weight_decay, momentum, dampening;
};

}  // namespace pigrad
