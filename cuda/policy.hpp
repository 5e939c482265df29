#pragma once
#include <optional>

#include "../rl/agent.hpp"
#include "activation.hpp"

namespace pigrad {

/// y = f(x Wᵀ + b), W and b by their places in the parameter vector.
struct DeviceLayer {
  int inputs = 0, outputs = 0, weight = 0, bias = 0;
  DeviceActivation activation = DeviceActivation::none;
};

/// A policy's network as a plain chain of layers, for kernels that hold it whole.
struct DevicePolicy {
  static constexpr int most_layers = 6;
  DeviceLayer layers[most_layers];
  int count = 0;
  bool discrete = false;
  int actions = 0;  ///< choices, or dimensions
  int width = 0;    ///< of its widest side, observations and outputs included
  int weights = 0;  ///< scalars of all layers
};

/// The chain, where the agent's policy is one: layers and activations, then log-softmax, or means with spreads that are
/// the same for every observation. Nothing where it is not: such a policy acts through DeviceWorkspace.
template <class T>
std::optional<DevicePolicy> device_policy(const Agent<T>& agent);

}  // namespace pigrad
