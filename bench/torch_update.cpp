#include "torch_update.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/_fused_adam.h>
#include <malloc.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/version.h>

namespace pigrad::bench {
namespace {

constexpr double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

torch::nn::Sequential mlp(int outputs) {
  using torch::nn::Linear;
  constexpr int features = UpdateShape::features, hidden = UpdateShape::hidden;
  return torch::nn::Sequential(Linear(features, hidden), torch::nn::Tanh(), Linear(hidden, hidden), torch::nn::Tanh(),
                               Linear(hidden, outputs));
}

template <class T>
torch::Tensor copied(const T* data, int rows, int columns) {
  return torch::from_blob(const_cast<T*>(data), {rows, columns}, torch::CppTypeToScalarType<T>::value).clone();
}

}  // namespace

template <class T>
struct TorchUpdate<T>::Impl {
  Impl(const UpdateModel& model, const UpdateView<T>& data, TorchAdam which)
      : layout(model.layout),
        start(model.initial<T>()),
        kind(which),
        actor(mlp(UpdateShape::actions)),
        critic(mlp(1)),
        obs(copied(data.obs, UpdateShape::features, data.rows).t().contiguous()),
        action(copied(data.action, data.rows, 1).to(torch::kLong)),
        advantage(copied(data.advantage, data.rows, 1).squeeze(1)),
        target(copied(data.target, data.rows, 1).squeeze(1)) {
    for (const auto& network : {actor, critic})
      for (torch::Tensor& p : network->parameters()) {
        p.set_data(p.to(torch::CppTypeToScalarType<T>::value));
        all.push_back(p);
      }
  }

  torch::Tensor loss() {
    const torch::Tensor log_probs = torch::log_softmax(actor->forward(obs), 1);
    const torch::Tensor log_prob = log_probs.gather(1, action).squeeze(1);
    const torch::Tensor entropy = -(log_probs.exp() * log_probs).sum(1).mean();
    const torch::Tensor value = critic->forward(obs).squeeze(1);
    return -(log_prob * advantage).mean() + UpdateShape::value_weight * torch::mse_loss(value, target) -
           UpdateShape::entropy_bonus * entropy;
  }

  void backward() {
    for (torch::Tensor& p : all) p.mutable_grad().reset();
    loss().backward();
  }

  void fused_step() {
    std::vector<torch::Tensor> gradients;
    for (const torch::Tensor& p : all) gradients.push_back(p.grad());
    const torch::NoGradGuard none;
    for (torch::Tensor& s : fused_steps) s.add_(1);
    at::_fused_adam_(all, gradients, means, squares, {}, fused_steps, UpdateShape::learning_rate, beta1, beta2, 0,
                     epsilon, false, false);
  }

  ParameterLayout layout;
  std::vector<T> start;
  TorchAdam kind;
  torch::nn::Sequential actor, critic;
  torch::Tensor obs, action, advantage, target;
  std::vector<torch::Tensor> all, means, squares, fused_steps;
  std::unique_ptr<torch::optim::Adam> adam;
};

template <class T>
TorchUpdate<T>::TorchUpdate(const UpdateModel& model, const UpdateView<T>& data, TorchAdam adam)
    : impl_(std::make_unique<Impl>(model, data, adam)) {
  reset();
}
template <class T>
TorchUpdate<T>::~TorchUpdate() = default;

template <class T>
void TorchUpdate<T>::reset() {
  Impl& m = *impl_;
  const torch::NoGradGuard none;
  m.means.clear(), m.squares.clear(), m.fused_steps.clear();
  for (std::size_t i = 0; i < m.all.size(); ++i) {
    torch::Tensor& p = m.all[i];
    const Segment& s = m.layout.segments()[i];
    p.copy_(copied(m.start.data() + s.offset, s.rows, s.columns).view(p.sizes()));
    m.means.push_back(torch::zeros_like(p));
    m.squares.push_back(torch::zeros_like(p));
    m.fused_steps.push_back(torch::zeros({}, torch::kFloat));
  }
  m.adam = std::make_unique<torch::optim::Adam>(
      m.all, torch::optim::AdamOptions(UpdateShape::learning_rate).betas({beta1, beta2}).eps(epsilon));
}

template <class T>
void TorchUpdate<T>::gradient(T* out) {
  impl_->backward();
  for (const torch::Tensor& p : impl_->all) out = std::copy_n(p.grad().contiguous().data_ptr<T>(), p.numel(), out);
}

template <class T>
void TorchUpdate<T>::parameters(T* out) const {
  for (const torch::Tensor& p : impl_->all) out = std::copy_n(p.data_ptr<T>(), p.numel(), out);
}

template <class T>
void TorchUpdate<T>::step() {
  impl_->backward();
  if (impl_->kind == TorchAdam::fused)
    impl_->fused_step();
  else
    impl_->adam->step();
}

std::string settle_torch() {
  constexpr int keep = 1 << 30, largest_threshold = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, largest_threshold);
  mallopt(M_TRIM_THRESHOLD, keep);
  at::set_num_threads(1);
  at::set_num_interop_threads(1);
  return TORCH_VERSION ", one thread, M_MMAP_THRESHOLD 32 MiB, M_TRIM_THRESHOLD 1 GiB";
}

template class TorchUpdate<float>;
template class TorchUpdate<double>;

}  // namespace pigrad::bench
