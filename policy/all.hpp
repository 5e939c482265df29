#pragma once
#include "policy.hpp"

namespace pigrad {

enum class PolicyActivation { identity, tanh, relu, elu, sigmoid, softplus };

/// One block of memory: this, and behind it the numbers that the pointers show.
struct PolicyAll {
  static constexpr int most_layers = 32;
  struct Layer {
    int inputs, outputs;
    PolicyActivation activation;
    const float* weight;  ///< [inputs×outputs]: an input's weights to all outputs lie together
    const float* bias;    ///< [outputs]
  };

  int observations, actions, layer_count;
  bool discrete, spread_from_network;
  float log_std_scale;    ///< of a spread that the network puts out
  double clip;            ///< of normalised observations
  const double* mean;     ///< [observations]; null: observations as they are
  const double* inverse;  ///< [observations]
  const float* log_std;   ///< [actions]; null: choices, or a spread that the network puts out
  const float* low;       ///< [actions], −∞ where there is no bound
  const float* high;
  Layer layers[most_layers];
};

}  // namespace pigrad
