#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../core/parameters.hpp"
#include "../core/tape.hpp"
#include "initialise.hpp"

namespace pigrad {

enum class Activation { identity, tanh, relu, elu, sigmoid, softplus };

/// Throws Error, listing the names, if there is no such activation.
Activation activation_of(const std::string& name);
const char* activation_name(Activation activation);
std::vector<std::string> activation_names();
Tensor activate(Activation activation, const Tensor& x);

/// y = x Wᵀ + b with W [outputs × inputs], b [1 × outputs], as segments `name.weight` and `name.bias`.
class Linear {
 public:
  Linear(ParameterLayout& layout, const std::string& name, int inputs, int outputs);
  /// x [B×inputs] → [B×outputs].
  Tensor operator()(const Tensor& x) const;
  int inputs() const { return weight_.columns; }
  int outputs() const { return weight_.rows; }
  ParameterRange range() const { return {weight_.offset, bias_.offset + bias_.size()}; }
  /// Fills weight and bias; PyTorch's bias needs the weight's fan-in, so the module knows it.
  template <class T>
  void initialise(Parameters<T>& parameters, const Initialiser& weight, const Initialiser& bias,
                  std::uint64_t seed) const;

 private:
  Segment weight_, bias_;
};

struct MlpSettings {
  std::vector<int> hidden = {64, 64};
  Activation activation = Activation::tanh;
  Activation output_activation = Activation::identity;
};

/// A multi-layer perceptron. Layers are named as PyTorch's Sequential names them, `name.0`, `name.2`, … so that
/// parameter files agree. No hidden sizes make a single linear layer.
class Mlp {
 public:
  Mlp(ParameterLayout& layout, const std::string& name, int inputs, int outputs, const MlpSettings& settings);
  Tensor operator()(const Tensor& x) const { return last(hidden(x)); }
  /// What the last layer sees: the last hidden activations, or x where there are none.
  Tensor hidden(const Tensor& x) const;
  /// The last layer and its activation.
  Tensor last(const Tensor& h) const;
  const std::vector<Linear>& layers() const { return layers_; }
  int inputs() const { return layers_.front().inputs(); }
  int outputs() const { return layers_.back().outputs(); }
  ParameterRange range() const { return {layers_.front().range().begin, layers_.back().range().end}; }
  /// @param output starts the last layer's weight, `hidden` the others'; biases by `bias`
  template <class T>
  void initialise(Parameters<T>& parameters, const Initialiser& hidden, const Initialiser& output,
                  const Initialiser& bias, std::uint64_t seed) const;

 private:
  MlpSettings settings_;
  std::vector<Linear> layers_;
};

}  // namespace pigrad
