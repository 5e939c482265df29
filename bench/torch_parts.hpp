#pragma once
#include <ATen/ops/_fused_adam.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>
#include <torch/types.h>

#include <memory>
#include <pigrad/core/parameters.hpp>
#include <vector>

#include "torch_update.hpp"

namespace pigrad::bench {

/// features-64-64-outputs, tanh between.
inline torch::nn::Sequential torch_mlp(int features, int hidden, int outputs) {
  using torch::nn::Linear;
  return torch::nn::Sequential(Linear(features, hidden), torch::nn::Tanh(), Linear(hidden, hidden), torch::nn::Tanh(),
                               Linear(hidden, outputs));
}

template <class T>
torch::Tensor torch_copy(const T* data, int rows, int columns) {
  return torch::from_blob(const_cast<T*>(data), {rows, columns}, torch::CppTypeToScalarType<T>::value).clone();
}

/// The networks' parameters in order, put into scalar T.
template <class T>
std::vector<torch::Tensor> torch_parameters(const std::vector<torch::nn::Sequential>& networks) {
  std::vector<torch::Tensor> all;
  for (const auto& network : networks)
    for (torch::Tensor& p : network->parameters()) {
      p.set_data(p.to(torch::CppTypeToScalarType<T>::value));
      all.push_back(p);
    }
  return all;
}

/// Copies a parameter vector of this layout into tensors that stand in the same order.
template <class T>
void torch_load(const ParameterLayout& layout, const T* values, const std::vector<torch::Tensor>& into) {
  const torch::NoGradGuard none;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const Segment& s = layout.segments()[i];
    into[i].copy_(torch_copy(values + s.offset, s.rows, s.columns).view(into[i].sizes()));
  }
}

/// PyTorch's Adam with its default betas.
class TorchOptimiser {
 public:
  TorchOptimiser(std::vector<torch::Tensor> parameters, double learning_rate, double epsilon, TorchAdam kind)
      : parameters_(std::move(parameters)), rate_(learning_rate), epsilon_(epsilon) {
    if (kind == TorchAdam::frontend) {
      adam_ = std::make_unique<torch::optim::Adam>(parameters_, torch::optim::AdamOptions(learning_rate).eps(epsilon));
      return;
    }
    for (const torch::Tensor& p : parameters_) {
      means_.push_back(torch::zeros_like(p));
      squares_.push_back(torch::zeros_like(p));
      steps_.push_back(torch::zeros({}, torch::kFloat));
    }
  }

  void step(const torch::Tensor& loss) {
    backward(loss);
    move();
  }

  /// By the gradients that stand in the parameters.
  void move() {
    if (adam_) {
      adam_->step();
      return;
    }
    const torch::NoGradGuard none;
    gradients_.clear();
    for (const torch::Tensor& p : parameters_) gradients_.push_back(p.grad());
    for (torch::Tensor& s : steps_) s.add_(1);
    at::_fused_adam_(parameters_, gradients_, means_, squares_, {}, steps_, rate_, 0.9, 0.999, 0, epsilon_, false,
                     false);
  }

  void backward(const torch::Tensor& loss) {
    for (torch::Tensor& p : parameters_) p.mutable_grad().reset();
    loss.backward();
  }

 private:
  std::vector<torch::Tensor> parameters_, gradients_, means_, squares_, steps_;
  double rate_, epsilon_;
  std::unique_ptr<torch::optim::Adam> adam_;
};

}  // namespace pigrad::bench
