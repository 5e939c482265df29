#pragma once
#include <c10/core/InferenceMode.h>

#include <pigrad/rl/returns.hpp>
#include <pigrad/rl/rollout.hpp>

#include "torch_parts.hpp"
#include "torch_training.hpp"

namespace pigrad::bench {

/// What the loops in LibTorch share: networks, environments, the rollout and its estimates.
template <class T>
class TorchLoop : public TorchTraining<T> {
 public:
  TorchLoop(const TrainSettings& s, const Registry& environments, const ParameterLayout& layout,
            const std::vector<T>& start)
      : settings(s),
        environment(environments.make<T>(s.environment, s.copies, static_cast<std::uint64_t>(s.seed))),
        choices(environment->spec().action.n),
        actor(torch_mlp(environment->observation_size(), s.policy.network.hidden[0], choices)),
        critic(torch_mlp(environment->observation_size(), s.critic.network.hidden[0], 1)),
        distribution(make_distribution(s.policy.distribution, choices, true, s.environment)),
        random(static_cast<std::uint64_t>(s.seed), Purpose::action) {
    all = torch_parameters<T>({actor, critic});
    torch_load(layout, start.data(), all);
    rollout.resize(s.steps, s.copies, environment->observation_size(), 0);
    environment->reset(rollout.edge_obs.data(), s.copies);
  }

  void epoch() override {
    collect();
    find_values();
    advantage.resize(value.size());
    gae(path(), static_cast<T>(settings.gamma), static_cast<T>(settings.lambda), value.data(), next_value.data(),
        advantage.data());
    improve();
  }

  std::vector<T> parameters() const override {
    std::vector<T> out;
    for (const torch::Tensor& p : all) out.insert(out.end(), p.data_ptr<T>(), p.data_ptr<T>() + p.numel());
    return out;
  }

 protected:
  virtual void improve() = 0;

  /// A panel [features × ld] as a tensor [rows × features], without copying.
  torch::Tensor panel(T* data, int rows, int ld) const {
    return torch::from_blob(data, {rows, environment->observation_size()}, {1, ld},
                            torch::CppTypeToScalarType<T>::value);
  }
  torch::Tensor column(std::vector<T>& data) const {
    return torch::from_blob(data.data(), {rollout.rows()}, torch::CppTypeToScalarType<T>::value);
  }
  /// The actions taken [rows × 1].
  torch::Tensor actions() {
    return torch::from_blob(rollout.index.data(), {rollout.rows(), 1}, torch::kInt).to(torch::kLong);
  }
  Path<T> path() const {
    return {rollout.steps, rollout.copies, rollout.reward.data(), rollout.terminated.data(), rollout.truncated.data()};
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

  TrainSettings settings;
  std::unique_ptr<VectorEnv<T>> environment;
  int choices;
  torch::nn::Sequential actor, critic;
  std::unique_ptr<Distribution> distribution;
  Random random;
  std::vector<torch::Tensor> all;
  Rollout<T> rollout;
  std::vector<T> value, next_value, advantage;
  std::uint64_t steps_done = 0;
};

/// The LibTorch loops by algorithm.
template <class T>
std::unique_ptr<TorchTraining<T>> torch_a2c(const TrainSettings& settings, const Registry& environments,
                                            const ParameterLayout& layout, const std::vector<T>& start, TorchAdam adam);
template <class T>
std::unique_ptr<TorchTraining<T>> torch_ppo(const TrainSettings& settings, const Registry& environments,
                                            const ParameterLayout& layout, const std::vector<T>& start, TorchAdam adam);

}  // namespace pigrad::bench
