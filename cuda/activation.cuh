#pragma once
#include "../core/ops/list.hpp"
#include "activation.hpp"

namespace pigrad {

/// That of an op; none for other ops.
inline DeviceActivation activation_of(const Op& op) {
  if (&op == &op_of<Tanh>()) return DeviceActivation::tanh;
  if (&op == &op_of<Relu>()) return DeviceActivation::relu;
  if (&op == &op_of<Elu>()) return DeviceActivation::elu;
  if (&op == &op_of<Sigmoid>()) return DeviceActivation::sigmoid;
  return DeviceActivation::none;
}

template <class T>
PIGRAD_HD inline T activate(DeviceActivation activation, T x) {
  const Attributes nothing;
  switch (activation) {
    case DeviceActivation::tanh:
      return Tanh::value(x, nothing);
    case DeviceActivation::relu:
      return Relu::value(x, nothing);
    case DeviceActivation::elu:
      return Elu::value(x, nothing);
    case DeviceActivation::sigmoid:
      return Sigmoid::value(x, nothing);
    case DeviceActivation::none:
      break;
  }
  return x;
}

/// f′ at the output y. Relu's and elu's outputs are above 0 where their inputs are.
template <class T>
PIGRAD_HD inline T slope(DeviceActivation activation, T y) {
  const Attributes nothing;
  switch (activation) {
    case DeviceActivation::tanh:
      return Tanh::partial(y, y, nothing);
    case DeviceActivation::relu:
      return Relu::partial(y, y, nothing);
    case DeviceActivation::elu:
      return Elu::partial(y, y, nothing);
    case DeviceActivation::sigmoid:
      return Sigmoid::partial(y, y, nothing);
    case DeviceActivation::none:
      break;
  }
  return T(1);
}

}  // namespace pigrad
