#pragma once
#include <string>
#include <vector>

#include "../../nn/safetensors.hpp"

namespace pigrad::app {

/// A plain multi-layer perceptron that was found in a safetensors file: names of tensors, first layer first.
struct FoundNetwork {
  struct Layer {
    std::string weight, bias;  ///< [outputs×inputs], [outputs]
    int inputs = 0, outputs = 0;
  };
  std::string name;  ///< what stands before its layers' numbers, "actor."; empty for a bare Sequential
  std::vector<Layer> layers;
  std::string log_std;  ///< the tensor of a box policy's ln σ, or empty
};

/// Every network of the file, by what stands before the number in `NUMBER.weight` and `NUMBER.bias`, as PyTorch's
/// Sequential names them; Stable-Baselines3's mlp_extractor.policy_net together with its action_net. What does not fit
/// together, a weight that is no matrix or has no bias, makes no network.
std::vector<FoundNetwork> networks_in(const TensorFile& file);

/// The policy among them, for so many features and so many outputs.
/// @param name the one that was asked for; empty: the one that fits, and of several the one that is called as policies
/// are (actor, policy, pi, …). Throws Error, listing what there is, if none or several fit.
FoundNetwork policy_in(const TensorFile& file, int features, int actions, bool discrete, const std::string& name);

}  // namespace pigrad::app
