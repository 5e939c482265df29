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
    if (critic->kind == "linear") mlp.hidden.clear();
    critic_ = std::make_unique<Mlp>(layout_, "critic", features, 1, mlp);
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
  if (critic_) {
    Tape valuing(layout_);
    valuing_ = std::make_unique<Program>(valuing.program({{"value", value(valuing.input("obs", features))}}));
  }
}

template <class T>
Actor<T>::Actor(const Agent<T>& agent) : agent_(&agent), workspace_(agent.acting()), bindings_(agent.acting()) {}

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
  agent_->distribution().sample(rows, statistics(rows, obs, ld), random, stream, counter, index,
                                View<T>{action, action_ld, 1}, log_prob);
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
