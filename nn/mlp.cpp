#include "mlp.hpp"

#include "../core/ops.hpp"

namespace pigrad {
namespace {

struct NamedActivation {
  Activation activation;
  const char* name;
};
constexpr NamedActivation activations[] = {{Activation::identity, "identity"}, {Activation::tanh, "tanh"},
                                           {Activation::relu, "relu"},         {Activation::elu, "elu"},
                                           {Activation::sigmoid, "sigmoid"},   {Activation::softplus, "softplus"}};

}  // namespace

Activation activation_of(const std::string& name) {
  std::string names;
  for (const auto& a : activations) {
    if (name == a.name) return a.activation;
    names += (names.empty() ? "" : ", ") + std::string(a.name);
  }
  throw Error("activation", "there is no '" + name + "'", "use one of: " + names);
}

const char* activation_name(Activation activation) {
  for (const auto& a : activations)
    if (a.activation == activation) return a.name;
  return "?";
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const auto& a : activations) names.emplace_back(a.name);
  return names;
}

Tensor activate(Activation activation, const Tensor& x) {
  switch (activation) {
    case Activation::identity:
      return x;
    case Activation::tanh:
      return tanh(x);
    case Activation::relu:
      return relu(x);
    case Activation::elu:
      return elu(x);
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::softplus:
      return softplus(x);
  }
  return x;
}

Linear::Linear(ParameterLayout& layout, const std::string& name, int inputs, int outputs)
    : weight_(layout.add(name + ".weight", outputs, inputs)), bias_(layout.add(name + ".bias", 1, outputs)) {}

Tensor Linear::operator()(const Tensor& x) const {
  const Tensor weight = x.tape().parameter(weight_.name), bias = x.tape().parameter(bias_.name);
  return affine(x, weight, bias).named(weight_.name.substr(0, weight_.name.rfind('.')));
}

template <class T>
void Linear::initialise(Parameters<T>& parameters, const Initialiser& weight, const Initialiser& bias,
                        std::uint64_t seed) const {
  pigrad::initialise(weight, parameters, weight_.name, seed);
  pigrad::initialise(bias, parameters, bias_.name, seed, inputs());
}

Mlp::Mlp(ParameterLayout& layout, const std::string& name, int inputs, int outputs, const MlpSettings& settings)
    : settings_(settings) {
  int width = inputs, index = 0;
  for (const int next : settings.hidden) {
    layers_.emplace_back(layout, name + "." + std::to_string(index), width, next);
    width = next;
    index += 2;
  }
  layers_.emplace_back(layout, name + "." + std::to_string(index), width, outputs);
}

Tensor Mlp::hidden(const Tensor& x) const {
  Tensor h = x;
  for (std::size_t i = 0; i + 1 < layers_.size(); ++i) h = activate(settings_.activation, layers_[i](h));
  return h;
}

Tensor Mlp::last(const Tensor& h) const { return activate(settings_.output_activation, layers_.back()(h)); }

template <class T>
void Mlp::initialise(Parameters<T>& parameters, const Initialiser& hidden, const Initialiser& output,
                     const Initialiser& bias, std::uint64_t seed) const {
  for (std::size_t i = 0; i < layers_.size(); ++i)
    layers_[i].initialise(parameters, i + 1 < layers_.size() ? hidden : output, bias, seed);
}

template void Linear::initialise(Parameters<float>&, const Initialiser&, const Initialiser&, std::uint64_t) const;
template void Linear::initialise(Parameters<double>&, const Initialiser&, const Initialiser&, std::uint64_t) const;
template void Mlp::initialise(Parameters<float>&, const Initialiser&, const Initialiser&, const Initialiser&,
                              std::uint64_t) const;
template void Mlp::initialise(Parameters<double>&, const Initialiser&, const Initialiser&, const Initialiser&,
                              std::uint64_t) const;

}  // namespace pigrad
