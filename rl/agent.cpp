#include "agent.hpp"

#include "../core/ops.hpp"

namespace pigrad {

template <class T>
Agent<T>::Agent(const Spec& spec, const PolicySettings& policy, const CriticSettings* critic, std::uint64_t seed)
    : spec_(spec) {
  const bool discrete = spec.action.is_discrete();
  distribution_ =
      make_distribution(policy.distribution, discrete ? spec.action.n : spec.action.size(), discrete, spec.id);
  const int features = spec.observation.size();
  policy_ = std::make_unique<Mlp>(layout_, "policy", features, distribution_->network_outputs(), policy.network.mlp());
  distribution_->add_parameters(layout_, "policy");
  policy_range_ = {0, layout_.size()};
  if (critic) {
    MlpSettings mlp = critic->network.mlp();
    shared_ = critic->kind == "shared";
    if (shared_ || critic->kind == "linear") mlp.hidden.clear();
    critic_ = std::make_unique<Mlp>(layout_, "critic", shared_ ? policy_->layers().back().inputs() : features, 1, mlp);
  }
  parameters_ = std::make_unique<Parameters<T>>(layout_);
  const auto start = [&](const Mlp& mlp, const NetworkSettings& network) {
    mlp.initialise(*parameters_, Initialiser::parse(network.initial_weights),
                   Initialiser::parse(network.initial_output), Initialiser::parse(network.initial_biases), seed);
  };
  start(*policy_, policy.network);
  if (critic) start(*critic_, critic->network);
  for (const auto& [segment, value] : distribution_->initial_values())
    for (int i = 0; i < layout_.find(segment).size(); ++i) parameters_->data(segment)[i] = static_cast<T>(value);
  parameters_->touch();

  Tape acting(layout_);
  acting_ = std::make_unique<Program>(
      acting.program({{"statistics", distribution_->statistics(this->policy(acting.input("obs", features)))}}));
  if (!distribution_->discrete()) {
    Tape judging;
    const Tensor statistics = judging.input("statistics", distribution_->statistics_columns());
    const Tensor action = distribution_->action_input(judging, "action");
    judging_ =
        std::make_unique<Program>(judging.program({{"log_prob", distribution_->log_prob_from(statistics, action)}}));
  }
  if (critic_) {
    Tape valuing(layout_);
    valuing_ = std::make_unique<Program>(valuing.program({{"value", value(valuing.input("obs", features))}}));
  }
}

template <class T>
typename Agent<T>::Outputs Agent<T>::outputs(const Tensor& obs) const {
  if (!shared_) return {policy(obs), value(obs)};
  const Tensor trunk = policy_->hidden(obs);
  return {policy_->last(trunk), head(trunk)};
}

template <class T>
Actor<T>::Actor(const Agent<T>& agent) : agent_(&agent), workspace_(agent.acting()), bindings_(agent.acting()) {
  if (!agent.judging()) return;
  judge_ = std::make_unique<Workspace<T>>(*agent.judging());
  judged_ = std::make_unique<Bindings<T>>(*agent.judging());
}

template <class T>
View<const T> Actor<T>::statistics(int rows, const T* obs, std::ptrdiff_t ld) {
  const auto columns = static_cast<std::size_t>(agent_->distribution().statistics_columns());
  statistics_.resize(columns * static_cast<std::size_t>(rows));
  bindings_.parameters(agent_->parameters().data());
  bindings_.input(0, obs, ld);
  bindings_.output(0, statistics_.data(), rows);
  bindings_.rows(rows);
  workspace_.run(bindings_, Sink<T>::none());
  return {statistics_.data(), rows, 1};
}

template <class T>
void Actor<T>::sample(int rows, const T* obs, std::ptrdiff_t ld, const Random& random, std::uint32_t stream,
                      std::uint64_t counter, std::int32_t* index, T* action, std::ptrdiff_t action_ld, T* log_prob) {
  const View<const T> seen = statistics(rows, obs, ld);
  agent_->distribution().sample(rows, seen, random, stream, counter, index, View<T>{action, action_ld, 1},
                                judge_ ? nullptr : log_prob);
  if (!judge_ || !log_prob) return;
  judged_->input(0, seen.data, seen.column_stride);
  judged_->input(1, action, action_ld);
  judged_->output(0, log_prob, rows);
  judged_->rows(rows);
  judge_->run(*judged_, Sink<T>::none());
}

template <class T>
void Actor<T>::mode(int rows, const T* obs, std::ptrdiff_t ld, std::int32_t* index, T* action,
                    std::ptrdiff_t action_ld) {
  agent_->distribution().mode(rows, statistics(rows, obs, ld), index, View<T>{action, action_ld, 1});
}

template class Agent<float>;
template class Agent<double>;
template class Actor<float>;
template class Actor<double>;

}  // namespace pigrad
