#pragma once
#include <cmath>
#include <cstdint>

#include "../../core/optimiser_steps.hpp"
#include "../optimiser.hpp"

namespace pigrad {

/// The numbers of Adam's, or adamw's, step `t`, counted from 1.
template <class T>
AdamStep<T> adam_step(const OptimiserSettings& s, std::int64_t t) {
  const auto steps = static_cast<double>(t);
  const bool decoupled = s.name == "adamw";
  const double bias1 = 1 - std::pow(s.beta1, steps), bias2_root = std::sqrt(1 - std::pow(s.beta2, steps));
  const double decay = decoupled ? 0 : s.weight_decay, shrink = decoupled ? 1 - s.learning_rate * s.weight_decay : 1;
  return {.sign = s.maximise ? T(-1) : T(1),
          .decay = static_cast<T>(decay),
          .enter1 = static_cast<T>(1 - s.beta1),
          .keep2 = static_cast<T>(s.beta2),
          .enter2 = static_cast<T>(1 - s.beta2),
          .root_scale = static_cast<T>(1 / bias2_root),
          .epsilon = static_cast<T>(s.epsilon),
          .shrink = static_cast<T>(shrink),
          .rate = static_cast<T>(s.learning_rate / bias1)};
}

template <class T>
RmsPropStep<T> rmsprop_step(const OptimiserSettings& s) {
  const T epsilon = static_cast<T>(s.epsilon);
  return {.sign = s.maximise ? T(-1) : T(1),
          .decay = static_cast<T>(s.weight_decay),
          .keep = static_cast<T>(s.alpha),
          .enter = static_cast<T>(1 - s.alpha),
          .inside = s.epsilon_inside ? epsilon : T(0),
          .outside = s.epsilon_inside ? T(0) : epsilon,
          .rate = static_cast<T>(s.learning_rate),
          .momentum = static_cast<T>(s.momentum)};
}

template <class T>
SgdStep<T> sgd_step(const OptimiserSettings& s, std::int64_t t) {
  const bool first = t == 1;
  return {.sign = s.maximise ? T(-1) : T(1),
          .decay = static_cast<T>(s.weight_decay),
          .rate = static_cast<T>(s.learning_rate),
          .keep = first ? T(0) : static_cast<T>(s.momentum),
          .enter = first ? T(1) : static_cast<T>(1 - s.dampening),
          .ahead = s.nesterov ? T(1) : T(0),
          .own = s.nesterov ? static_cast<T>(s.momentum) : T(1)};
}

}  // namespace pigrad
