#include "torch_update.hpp"

#include <ATen/Parallel.h>
#include <malloc.h>
#include <torch/version.h>

#include "torch_parts.hpp"

namespace pigrad::bench {

template <class T>
struct TorchUpdate<T>::Impl {
  static constexpr int features = UpdateShape::features;

  Impl(const UpdateModel& model, const UpdateView<T>& data, TorchAdam which)
      : layout(model.layout),
        start(model.initial<T>()),
        kind(which),
        gaussian(model.kind.gaussian),
        actor(torch_mlp(features, model.kind.hidden, UpdateShape::actions)),
        critic(torch_mlp(features, model.kind.hidden, 1)),
        obs(torch_copy(data.obs, features, data.rows).t().contiguous()),
        action(torch_copy(data.action, data.rows, 1).to(torch::kLong)),
        advantage(torch_copy(data.advantage, data.rows, 1).squeeze(1)),
        target(torch_copy(data.target, data.rows, 1).squeeze(1)),
        box(torch_copy(data.box, UpdateShape::actions, data.rows).t().contiguous()),
        log_std(torch::zeros({UpdateShape::actions}, torch::CppTypeToScalarType<T>::value)),
        all(torch_parameters<T>({actor})) {
    if (gaussian) all.push_back(log_std.requires_grad_());
    for (const torch::Tensor& p : torch_parameters<T>({critic})) all.push_back(p);
  }

  /// ln π(a|s) of each row, and the mean entropy.
  std::pair<torch::Tensor, torch::Tensor> policy() {
    const torch::Tensor output = actor->forward(obs);
    if (gaussian) {
      const double half_log_two_pi = 0.9189385332046727;
      const torch::Tensor log_prob = -0.5 * ((box - output) * (-log_std).exp()).square() - log_std - half_log_two_pi;
      return {log_prob.sum(1), (log_std + (0.5 + half_log_two_pi)).sum()};
    }
    const torch::Tensor log_probs = torch::log_softmax(output, 1);
    return {log_probs.gather(1, action).squeeze(1), -(log_probs.exp() * log_probs).sum(1).mean()};
  }

  torch::Tensor loss() {
    const std::pair<torch::Tensor, torch::Tensor> acted = policy();
    const torch::Tensor value = critic->forward(obs).squeeze(1);
    return -(acted.first * advantage).mean() + UpdateShape::value_weight * torch::mse_loss(value, target) -
           UpdateShape::entropy_bonus * acted.second;
  }

  ParameterLayout layout;
  std::vector<T> start;
  TorchAdam kind;
  bool gaussian;
  torch::nn::Sequential actor, critic;
  torch::Tensor obs, action, advantage, target, box, log_std;
  std::vector<torch::Tensor> all;
  std::unique_ptr<TorchOptimiser> adam;
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
  torch_load(m.layout, m.start.data(), m.all);
  m.adam = std::make_unique<TorchOptimiser>(m.all, UpdateShape::learning_rate, 1e-8, m.kind);
}

template <class T>
void TorchUpdate<T>::gradient(T* out) {
  impl_->adam->backward(impl_->loss());
  for (const torch::Tensor& p : impl_->all) out = std::copy_n(p.grad().contiguous().data_ptr<T>(), p.numel(), out);
}

template <class T>
void TorchUpdate<T>::parameters(T* out) const {
  for (const torch::Tensor& p : impl_->all) out = std::copy_n(p.data_ptr<T>(), p.numel(), out);
}

template <class T>
void TorchUpdate<T>::step() {
  impl_->adam->step(impl_->loss());
}

std::string settle_torch(int threads) {
  constexpr int keep = 1 << 30, largest_threshold = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, largest_threshold);
  mallopt(M_TRIM_THRESHOLD, keep);
  at::set_num_threads(threads);
  at::set_num_interop_threads(1);
  return TORCH_VERSION ", " + (threads == 1 ? "one thread" : std::to_string(threads) + " threads") +
         ", M_MMAP_THRESHOLD 32 MiB, M_TRIM_THRESHOLD 1 GiB";
}

template class TorchUpdate<float>;
template class TorchUpdate<double>;

}  // namespace pigrad::bench
