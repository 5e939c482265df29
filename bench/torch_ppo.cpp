#include <torch/nn/utils/clip_grad.h>

#include <numeric>
#include <pigrad/rl/shuffle.hpp>

#include "torch_loop.hpp"

namespace pigrad::bench {
namespace {

/// rl/ppo.hpp: passes over a shuffled rollout in minibatches, one loss and one Adam for both networks.
template <class T>
class TorchPpo final : public TorchLoop<T> {
 public:
  TorchPpo(const TrainSettings& s, const Registry& environments, const ParameterLayout& layout,
           const std::vector<T>& start, TorchAdam adam)
      : TorchLoop<T>(s, environments, layout, start),
        adam_(this->all, s.policy.optimiser.learning_rate, s.policy.optimiser.epsilon, adam) {}

 private:
  void improve() override {
    const TrainSettings& s = this->settings;
    const int rows = this->rollout.rows();
    target_.resize(this->value.size());
    for (std::size_t i = 0; i < target_.size(); ++i) target_[i] = this->advantage[i] + this->value[i];
    const torch::Tensor obs = this->panel(this->rollout.obs.data(), rows, rows).contiguous();
    const torch::Tensor action = this->actions(), acted = this->column(this->rollout.log_prob);
    const torch::Tensor all_advantages = this->column(this->advantage), targets = this->column(target_);
    for (int pass = 0; pass < s.ppo.passes; ++pass) {
      order_.resize(target_.size());
      std::iota(order_.begin(), order_.end(), 0);
      shuffle(order_, Random(static_cast<std::uint64_t>(s.seed), Purpose::shuffle), passes_done_++);
      const torch::Tensor order = torch::from_blob(order_.data(), {rows}, torch::kInt).to(torch::kLong);
      for (const torch::Tensor& part : order.split(s.minibatch))
        descend(obs.index_select(0, part), action.index_select(0, part), acted.index_select(0, part),
                all_advantages.index_select(0, part), targets.index_select(0, part));
    }
  }

  void descend(const torch::Tensor& obs, const torch::Tensor& action, const torch::Tensor& acted,
               const torch::Tensor& raw, const torch::Tensor& target) {
    const TrainSettings& s = this->settings;
    const torch::Tensor weight = (raw - raw.mean()) / (raw.std(false) + s.advantage.epsilon);
    const torch::Tensor log_probs = torch::log_softmax(this->actor->forward(obs), 1);
    const torch::Tensor ratio = (log_probs.gather(1, action).squeeze(1) - acted).exp();
    const torch::Tensor clipped = ratio.clamp(1 - s.ppo.clip, 1 + s.ppo.clip);
    const torch::Tensor entropy = -(log_probs.exp() * log_probs).sum(1).mean();
    const torch::Tensor value_loss = torch::mse_loss(this->critic->forward(obs).squeeze(1), target);
    adam_.backward(-torch::min(ratio * weight, clipped * weight).mean() + s.critic.coefficient * value_loss -
                   s.policy.entropy_bonus * entropy);
    torch::nn::utils::clip_grad_norm_(this->all, s.policy.optimiser.max_grad_norm);
    adam_.move();
  }

  TorchOptimiser adam_;
  std::vector<T> target_;
  std::vector<std::int32_t> order_;
  std::uint32_t passes_done_ = 0;
};

}  // namespace

template <class T>
std::unique_ptr<TorchTraining<T>> torch_ppo(const TrainSettings& settings, const Registry& environments,
                                            const ParameterLayout& layout, const std::vector<T>& start,
                                            TorchAdam adam) {
  return std::make_unique<TorchPpo<T>>(settings, environments, layout, start, adam);
}

#define PIGRAD_INSTANTIATE(T)                                                                                         \
  template std::unique_ptr<TorchTraining<T>> torch_ppo(const TrainSettings&, const Registry&, const ParameterLayout&, \
                                                       const std::vector<T>&, TorchAdam)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad::bench
