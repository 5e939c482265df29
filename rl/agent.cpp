#include "agent.hpp"

#include "../core/ops.hpp"

namespace pigrad {

template <class T>
Agent<T>::Agent(const Spec& spec, const PolicySettings& policy, const CriticSettings* critic, std::uint64_t seed)
    : spec_(spec) {
  const bool discrete = spec.action.is_discrete();
  distribution_ = make_distribution(policy.distribution, discrete ? spec.action.n : spec.action.size(), discrete,
                                    spec.id, "policy.distribution");
  const int features = spec.observation.size();
  policy_ = std::make_unique<Mlp>(layout_, "policy", features, distribution_->network_outputs(), policy.network.mlp());
  distribution_->add_parameters(layout_, "policy");
  policy_range_ = {0, layout_.size()};
  if (critic) {
    MlpSettings mlp = critic->network.mlp();
    shared_ = critic->kind == "shared";
    if (shared_ || critic->kind == "linear") mlp.hidden.clear();
    if (critic->kind == "q") kind_ = CriticKind::action_outputs;
    if (critic->kind == "q_action") kind_ = CriticKind::action_inputs;
    if (kind_ == CriticKind::action_outputs && !discrete)
      throw Error("critic.kind", "q has an output an action, and the actions of " + spec.id + " are continuous",
                  "use q_action, mlp or linear");
    sees_time_ = critic->time;
    const int actions = distribution_->actions();
    const int seen = shared_ ? policy_->layers().back().inputs() : features + sees_time_;
    critic_ = std::make_unique<Mlp>(layout_, "critic", seen + (kind_ == CriticKind::action_inputs ? actions : 0),
                                    kind_ == CriticKind::action_outputs ? actions : 1, mlp);
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
  record_programs();
}

template <class T>
void Agent<T>::record_programs() {
  Tape acting(layout_);
  acting_ = std::make_unique<Program>(
      acting.program({{"statistics", distribution_->statistics(policy(acting.input("obs", observation_size())))}}));
  if (!distribution_->discrete()) {
    Tape judging;
    const Tensor statistics = judging.input("statistics", distribution_->statistics_columns());
    const Tensor action = distribution_->action_input(judging, "action");
    judging_ =
        std::make_unique<Program>(judging.program({{"log_prob", distribution_->log_prob_from(statistics, action)}}));
  }
  if (!critic_) return;
  if (!values_actions() || distribution_->discrete()) {
    Tape valuing(layout_);
    valuing_ = std::make_unique<Program>(valuing.program({{"value", value(critic_observation(valuing))}}));
  }
  if (!values_actions()) return;
  Tape valuing(layout_);
  const Tensor x = critic_observation(valuing), action = distribution_->action_input(valuing, "action");
  valuing_actions_ = std::make_unique<Program>(valuing.program({{"action_value", action_value(x, action)}}));
}

template <class T>
Tensor Agent<T>::critic_observation(Tape& tape, const std::string& obs, const std::string& time) const {
  const Tensor seen = tape.input(obs, observation_size());
  return sees_time_ ? concatenate(seen, tape.input(time, 1)) : seen;
}

/// Q(s, ·) [B×choices].
template <class T>
Tensor Agent<T>::all_action_values(const Tensor& x) const {
  if (kind_ == CriticKind::action_outputs) return (*critic_)(x);
  const int count = distribution_->actions();
  Tensor all;
  for (int a = 0; a < count; ++a) {
    std::vector<double> chosen(static_cast<std::size_t>(count), 0.0);
    chosen[static_cast<std::size_t>(a)] = 1;
    const Tensor q = (*critic_)(concatenate(x, expand(x.tape().constant(1, count, std::move(chosen)), x)));
    all = a == 0 ? q : concatenate(all, q);
  }
  return all;
}

template <class T>
Tensor Agent<T>::value(const Tensor& x) const {
  if (!values_actions()) return (*critic_)(shared_ ? policy_->hidden(x) : x).named("value");
  require(distribution_->discrete(), "critic.kind", "Q(s, a) of continuous actions gives no V(s)",
          "use mlp or linear where V is needed");
  const Tensor obs = sees_time_ ? slice(x, 0, observation_size()) : x;
  const Tensor chances = stop_gradient(exp(distribution_->statistics(policy(obs))));
  return sum(chances * all_action_values(x), Axis::columns).named("value");
}

template <class T>
Tensor Agent<T>::action_value(const Tensor& x, const Tensor& action) const {
  const Tensor q =
      distribution_->discrete() ? gather(all_action_values(x), action) : (*critic_)(concatenate(x, action));
  return q.named("action value");
}

template <class T>
typename Agent<T>::Outputs Agent<T>::outputs(const Tensor& obs) const {
  if (!shared_) return {policy(obs), value(obs)};
  const Tensor trunk = policy_->hidden(obs);
  return {policy_->last(trunk), (*critic_)(trunk).named("value")};
}

template <class T>
Actor<T>::Actor(const Agent<T>& agent) : agent_(&agent), workspace_(agent.acting()), bindings_(agent.acting()) {
  if (!agent.judging()) return;
  judge_ = std::make_unique<Workspace<T>>(*agent.judging());
  judged_ = std::make_unique<Bindings<T>>(*agent.judging());
}

template <class T>
View<const T> Actor<T>::statistics(int rows, const T* obs, std::ptrdiff_t ld) {
  View<T> to = left_;
  if (!to) {
    const auto columns = static_cast<std::size_t>(agent_->distribution().statistics_columns());
    statistics_.resize(columns * static_cast<std::size_t>(rows));
    to = {statistics_.data(), rows, 1};
  }
  bindings_.parameters(agent_->parameters());
  bindings_.input(0, obs, ld);
  bindings_.output(0, to.data, to.column_stride);
  bindings_.rows(rows);
  workspace_.run(bindings_, Sink<T>::none());
  return {to.data, to.column_stride, 1};
}

template <class T>
void Actor<T>::sample(int rows, const T* obs, std::ptrdiff_t ld, const Random& random, std::uint32_t stream,
                      std::uint64_t counter, std::int32_t* index, T* action, std::ptrdiff_t action_ld, T* log_prob) {
  draw(rows, statistics(rows, obs, ld), random, stream, counter, index, action, action_ld, log_prob);
}

template <class T>
void Actor<T>::draw(int rows, const View<const T>& seen, const Random& random, std::uint32_t stream,
                    std::uint64_t counter, std::int32_t* index, T* action, std::ptrdiff_t action_ld, T* log_prob) {
  agent_->distribution().sample(rows, seen, random, stream, counter, index, View<T>{action, action_ld, 1},
                                judge_ ? nullptr : log_prob);
  if (judge_ && log_prob) judge(rows, seen, action, action_ld, log_prob);
}

template <class T>
void Actor<T>::judge(int rows, const View<const T>& seen, const T* action, std::ptrdiff_t action_ld, T* log_prob) {
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
