#pragma once
#include <string>
#include <vector>

#include "../nn/mlp.hpp"
#include "fields.hpp"

namespace pigrad {

/// A network: hidden sizes, activations, starts.
struct NetworkSettings {
  std::vector<int> hidden = {64, 64};
  std::string activation = "tanh";
  std::string output_activation = "identity";
  std::string initial_weights = "pytorch";
  std::string initial_output = "pytorch";
  std::string initial_biases = "pytorch";

  MlpSettings mlp() const { return {hidden, activation_of(activation), activation_of(output_activation)}; }
  template <class V>
  void fields(V& v) {
    v("hidden", hidden, "widths of the hidden layers; none makes a linear network");
    v("activation", activation, "after each hidden layer", choices(activation_names()));
    v("output_activation", output_activation, "after the last layer", choices(activation_names()));
    v("initial_weights", initial_weights,
      "start of the hidden weights: pytorch, zeros, orthogonal:GAIN, xavier_uniform, …");
    v("initial_output", initial_output, "start of the last layer's weights, as above");
    v("initial_biases", initial_biases, "start of the biases, as above");
  }
};

}  // namespace pigrad
