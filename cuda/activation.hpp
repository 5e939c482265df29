#pragma once

namespace pigrad {

/// The activations that a kernel may do on a sum before it stores it: their vjps need the output alone.
enum class DeviceActivation { none, tanh, relu, elu, sigmoid };

}  // namespace pigrad
