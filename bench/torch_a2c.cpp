#include "torch_a2c.hpp"

#include <c10/core/InferenceMode.h>

#include <pigrad/rl/returns.hpp>
#include <pigrad/rl/rollout.hpp>

#include "torch_parts.hpp"

namespace pigrad::bench {

template <class T>
struct TorchA2c<T>::Impl {
  Impl(const TrainSettings& s, const Registry& environments, const ParameterLayout& layout, const std::vector<T>& start,
       TorchAdam adam)
      : settings(s),
        environment(environments.make<T>(s.environment, s.copies, static_cast<std::uint64_t>(s.seed))),
        choices(environment->spec().action.n),
        actor(torch_mlp(environment->observation_size(), s.policy.network.hidden[0], choices)),
        critic(torch_mlp(environment->observation_size(), s.critic.network.hidden[0], 1)),
        distribution(make_distribution(s.policy.distribution, choices, true, s.environment)),
        random(static_cast<std::uint64_t>(s.seed), Purpose::action) {
    all = torch_parameters<T>({actor, critic});
    torch_load(layout, start.data(), all);
    policy_adam = std::make_unique<TorchOptimiser>(actor->parameters(), s.policy.optimiser.learning_rate, adam);
    critic_adam = std::make_unique<TorchOptimiser>(critic->parameters(), s.critic.optimiser.learning_rate, adam);
    rollout.resize(s.steps, s.copies, environment->observation_size(), 0);
    environment->reset(rollout.edge_obs.data(), s.copies);
  }

  /// A panel [features × ld] as a tensor [rows × features], without copying.
  torch::Tensor panel(T* data, int rows, int ld) const {
    return torch::from_blob(data, {rows, environment->observation_size()}, {1, ld},
                            torch::CppTypeToScalarType<T>::value);
  }
  torch::Tensor column(std::vector<T>& data) const {
    return torch::from_blob(data.data(), {rollout.rows()}, torch::CppTypeToScalarType<T>::value);
  }

  void collect() {
    const c10::InferenceMode inference;
    const int copies = rollout.copies, rows = rollout.rows();
    for (int f = 0; f < rollout.observation_size; ++f)
      std::copy_n(rollout.edge_obs.data() + f * copies, copies, rollout.obs.data() + f * rows);
    for (int t = 0; t < rollout.steps; ++t) {
      const int row = t * copies;
      const bool last = t + 1 == rollout.steps;
      const torch::Tensor log_probs =
          torch::log_softmax(actor->forward(panel(rollout.obs.data() + row, copies, rows)), 1).contiguous();
      distribution->sample(copies, View<const T>{log_probs.data_ptr<T>(), 1, choices}, random, 0, steps_done++,
                           rollout.index.data() + row, {}, rollout.log_prob.data() + row);
      StepBuffers<T> out;
      out.obs = last ? rollout.edge_obs.data() : rollout.obs.data() + row + copies;
      out.obs_ld = last ? copies : rows;
      out.reward = rollout.reward.data() + row;
      out.terminated = rollout.terminated.data() + row;
      out.truncated = rollout.truncated.data() + row;
      out.final_obs = rollout.final_obs.data() + row;
      out.final_ld = rows;
      environment->step(1, Actions<T>::discrete(rollout.index.data() + row), out);
    }
  }

  void find_values() {
    const c10::InferenceMode inference;
    const int copies = rollout.copies, rows = rollout.rows();
    const torch::Tensor v = critic->forward(panel(rollout.obs.data(), rows, rows));
    value.assign(v.data_ptr<T>(), v.data_ptr<T>() + rows);
    const torch::Tensor edge = critic->forward(panel(rollout.edge_obs.data(), copies, copies));
    next_value.assign(static_cast<std::size_t>(rows), T(0));
    for (int row = 0; row < rows; ++row) {
      const auto r = static_cast<std::size_t>(row);
      const int next = row + copies;
      if (rollout.truncated[r])
        next_value[r] = critic->forward(panel(rollout.final_obs.data() + row, 1, rows)).template item<T>();
      else if (!rollout.terminated[r])
        next_value[r] = next < rows ? value[static_cast<std::size_t>(next)] : edge.data_ptr<T>()[next - rows];
    }
  }

  void estimate() {
    find_values();
    const Path<T> path{rollout.steps, rollout.copies, rollout.reward.data(), rollout.terminated.data(),
                       rollout.truncated.data()};
    const T gamma = static_cast<T>(settings.gamma);
    returns.resize(value.size());
    advantage.resize(value.size());
    return_to_go(path, gamma, next_value.data(), returns.data());
    gae(path, gamma, static_cast<T>(settings.lambda), value.data(), next_value.data(), advantage.data());
    standardise(advantage.data(), nullptr, rollout.rows(), 0, false);
  }

  void improve() {
    const int rows = rollout.rows();
    const torch::Tensor obs = panel(rollout.obs.data(), rows, rows).contiguous();
    const torch::Tensor action = torch::from_blob(rollout.index.data(), {rows, 1}, torch::kInt).to(torch::kLong);
    const torch::Tensor log_prob = torch::log_softmax(actor->forward(obs), 1).gather(1, action).squeeze(1);
    policy_adam->step(-(log_prob * column(advantage)).mean());
    critic_adam->step(torch::mse_loss(critic->forward(obs).squeeze(1), column(returns)));
  }

  TrainSettings settings;
  std::unique_ptr<VectorEnv<T>> environment;
  int choices;
  torch::nn::Sequential actor, critic;
  std::unique_ptr<Distribution> distribution;
  Random random;
  std::vector<torch::Tensor> all;
  std::unique_ptr<TorchOptimiser> policy_adam, critic_adam;
  Rollout<T> rollout;
  std::vector<T> value, next_value, returns, advantage;
  std::uint64_t steps_done = 0;
};

template <class T>
TorchA2c<T>::TorchA2c(const TrainSettings& settings, const Registry& environments, const ParameterLayout& layout,
                      const std::vector<T>& start, TorchAdam adam)
    : impl_(std::make_unique<Impl>(settings, environments, layout, start, adam)) {}
template <class T>
TorchA2c<T>::~TorchA2c() = default;

template <class T>
void TorchA2c<T>::epoch() {
  impl_->collect();
  impl_->estimate();
  impl_->improve();
}

template <class T>
std::vector<T> TorchA2c<T>::parameters() const {
  std::vector<T> out;
  for (const torch::Tensor& p : impl_->all) out.insert(out.end(), p.data_ptr<T>(), p.data_ptr<T>() + p.numel());
  return out;
}

template class TorchA2c<float>;
template class TorchA2c<double>;

}  // namespace pigrad::bench
