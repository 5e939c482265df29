#include "torch_loop.hpp"

namespace pigrad::bench {
namespace {

/// rl/a2c.hpp: a step of each network on the whole rollout.
template <class T>
class TorchA2c final : public TorchLoop<T> {
 public:
  TorchA2c(const TrainSettings& s, const Registry& environments, const ParameterLayout& layout,
           const std::vector<T>& start, TorchAdam adam)
      : TorchLoop<T>(s, environments, layout, start),
        policy_adam_(this->actor->parameters(), s.policy.optimiser.learning_rate, 1e-8, adam),
        critic_adam_(this->critic->parameters(), s.critic.optimiser.learning_rate, 1e-8, adam) {}

 private:
  void improve() override {
    const int rows = this->rollout.rows();
    returns_.resize(this->value.size());
    return_to_go(this->path(), static_cast<T>(this->settings.gamma), this->next_value.data(), returns_.data());
    standardise(this->advantage.data(), nullptr, rows, 0, false);

    const torch::Tensor obs = this->panel(this->rollout.obs.data(), rows, rows).contiguous();
    const torch::Tensor log_prob =
        torch::log_softmax(this->actor->forward(obs), 1).gather(1, this->actions()).squeeze(1);
    policy_adam_.step(-(log_prob * this->column(this->advantage)).mean());
    critic_adam_.step(torch::mse_loss(this->critic->forward(obs).squeeze(1), this->column(returns_)));
  }

  TorchOptimiser policy_adam_, critic_adam_;
  std::vector<T> returns_;
};

}  // namespace

template <class T>
std::unique_ptr<TorchTraining<T>> torch_a2c(const TrainSettings& settings, const Registry& environments,
                                            const ParameterLayout& layout, const std::vector<T>& start,
                                            TorchAdam adam) {
  return std::make_unique<TorchA2c<T>>(settings, environments, layout, start, adam);
}

template <class T>
std::unique_ptr<TorchTraining<T>> torch_training(const TrainSettings& settings, const Registry& environments,
                                                 const ParameterLayout& layout, const std::vector<T>& start,
                                                 TorchAdam adam) {
  return (settings.algorithm == "ppo" ? torch_ppo<T> : torch_a2c<T>)(settings, environments, layout, start, adam);
}

#define PIGRAD_INSTANTIATE(T)                                                                      \
  template std::unique_ptr<TorchTraining<T>> torch_training(const TrainSettings&, const Registry&, \
                                                            const ParameterLayout&, const std::vector<T>&, TorchAdam)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad::bench
