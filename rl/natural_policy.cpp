#include "natural_policy.hpp"

#include <algorithm>
#include <cmath>

#include "../core/ops.hpp"
#include "../nn/clip.hpp"
#include "first_fault.hpp"
#include "learner.hpp"

namespace pigrad {

template <class T>
Program surrogate_loss(const Agent<T>& agent, double entropy_bonus) {
  Tape tape(agent.layout());
  const Distribution& distribution = agent.distribution();
  const Tensor obs = tape.input("obs", agent.observation_size());
  const Tensor action = distribution.action_input(tape, "action");
  const Tensor weight = tape.input("weight", 1), acted = tape.input("log_prob", 1);
  const Tensor old = tape.input("old", distribution.statistics_columns());
  const Tensor output = agent.policy(obs);
  const Tensor statistics = distribution.statistics(output);
  const Tensor ratio = exp(distribution.log_prob(output, action) - acted).named("ratio");
  const Tensor entropy = mean(distribution.entropy(output)).named("mean entropy");
  const Tensor kl = mean(distribution.kl(old, statistics)).named("mean kl");
  Tensor loss = -mean(ratio * weight);
  if (entropy_bonus != 0) loss = loss - entropy_bonus * entropy;
  return tape.program(loss.named("surrogate"), {{"entropy", entropy}, {"kl", kl}, {"statistics", statistics}});
}

template <class T>
Program fisher_loss(const Agent<T>& agent) {
  Tape tape(agent.layout());
  const Tensor statistics = agent.distribution().statistics(agent.policy(tape.input("obs", agent.observation_size())));
  return tape.program(mean(agent.distribution().kl(stop_gradient(statistics), statistics)).named("mean kl"));
}

template <class T>
FisherProduct<T>::FisherProduct(const Agent<T>& agent)
    : agent_(&agent), program_(fisher_loss(agent)), product_(program_), bindings_(program_) {}

template <class T>
void FisherProduct<T>::bind(int rows, const T* obs, std::ptrdiff_t ld, const std::int32_t* order) {
  bindings_.input(0, obs, ld);
  bindings_.order(order);
  bindings_.rows(rows);
  rows_ = rows;
}

template <class T>
void FisherProduct<T>::operator()(const T* v, T* out, int threads) {
  const RunOptions options = options_worth(threads, agent_->group(), rows_, agent_->policy_range().size());
  product_(bindings_, agent_->parameters().data(), v, out, options.threads, options.group);
}

template <class T>
NaturalPolicy<T>::NaturalPolicy(Agent<T>& agent, const NaturalSettings& settings, double entropy_bonus)
    : agent_(&agent),
      settings_(&settings),
      program_(surrogate_loss(agent, entropy_bonus)),
      workspace_(program_),
      bindings_(program_),
      fisher_(agent),
      gradient_(static_cast<std::size_t>(agent.layout().size())),
      direction_(gradient_.size()),
      product_(gradient_.size()) {}

template <class T>
void NaturalPolicy<T>::bind(const Rollout<T>& rollout, const T* weight, const std::int32_t* order, int count,
                            int threads) {
  const std::ptrdiff_t rows = rollout.rows();
  options_ = options_worth(threads, agent_->group(), count, agent_->policy_range().size());
  rollout_ = &rollout;
  order_ = order;
  const T* parameters = agent_->parameters().data();
  start_.assign(parameters, parameters + gradient_.size());
  old_.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(agent_->distribution().statistics_columns()));
  Workspace<T> acting(agent_->acting());
  Bindings<T> seen(agent_->acting());
  seen.parameters(parameters);
  seen.input(0, rollout.obs.data(), rows);
  seen.output(0, old_.data(), rows);
  seen.rows(rollout.rows());
  acting.run(seen, Sink<T>::none(), options_);

  bindings_.parameters(parameters);
  bindings_.order(order);
  bindings_.rows(count);
  bindings_.input(slot("obs"), rollout.obs.data(), rows);
  bindings_.input(slot("weight"), weight, rows);
  bindings_.input(slot("log_prob"), rollout.log_prob.data(), rows);
  bindings_.input(slot("old"), old_.data(), rows);
  if (rollout.action_size == 0)
    bindings_.index(slot("action"), rollout.index.data());
  else
    bindings_.input(slot("action"), rollout.action.data(), rows);

  fisher_rows_.clear();
  for (int i = 0; i < count; i += settings_->fisher_every) fisher_rows_.push_back(order ? order[i] : i);
  fisher_.bind(static_cast<int>(fisher_rows_.size()), rollout.obs.data(), rows, fisher_rows_.data());
}

template <class T>
double NaturalPolicy<T>::differentiate() {
  const auto sink = Sink<T>::sum(gradient_.data());
  const double loss = static_cast<double>(workspace_.run(bindings_, sink, options_).loss);
  grad_norm_ = global_norm(gradient_.data(), agent_->policy_range());
  if (std::isfinite(loss) && std::isfinite(grad_norm_)) return loss;
  run_to_fault(workspace_, bindings_, program_, gradient_, {rollout_, order_, 0, -1}, options_);
  throw Error("train", "the loss is " + std::to_string(loss) + ", its gradient's norm " + std::to_string(grad_norm_),
              "lower natural.max_kl");
}

template <class T>
void NaturalPolicy<T>::damped_product(const T* v, T* out) {
  fisher_(v, out, options_.threads);
  const T damping = static_cast<T>(settings_->damping);
  for (std::size_t i = 0; i < gradient_.size(); ++i) out[i] += damping * v[i];
}

template <class T>
ConjugateGradientsResult NaturalPolicy<T>::solve() {
  const LinearMap<T> product = [&](const T* v, T* out) { damped_product(v, out); };
  const auto result =
      conjugate_gradients(product, gradient_, direction_, {settings_->iterations, settings_->tolerance});
  if (!std::isfinite(result.residual) || !std::isfinite(inner_product(direction_, direction_)))
    throw Error("train", "conjugate gradients ended at a residual of " + std::to_string(result.residual),
                "raise natural.damping");
  return result;
}

template <class T>
double NaturalPolicy<T>::longest_step() {
  damped_product(direction_.data(), product_.data());
  const double curvature = inner_product(direction_, product_);
  return curvature > 0 ? std::sqrt(2 * settings_->max_kl / curvature) : 0;
}

template <class T>
double NaturalPolicy<T>::move(double alpha) {
  const ParameterRange range = agent_->policy_range();
  T* parameters = agent_->parameters().data();
  for (int i = range.begin; i < range.end; ++i) {
    const auto at = static_cast<std::size_t>(i);
    parameters[i] = start_[at] - static_cast<T>(alpha) * direction_[at];
  }
  agent_->parameters().touch();
  return here();
}

template <class T>
double NaturalPolicy<T>::here() {
  return static_cast<double>(workspace_.run(bindings_, Sink<T>::none(), options_).loss);
}

template <class T>
double NaturalPolicy<T>::cosine() const {
  const double lengths = grad_norm_ * std::sqrt(inner_product(direction_, direction_));
  return lengths > 0 ? inner_product(gradient_, direction_) / lengths : 0;
}

#define PIGRAD_INSTANTIATE(T)                               \
  template Program surrogate_loss(const Agent<T>&, double); \
  template Program fisher_loss(const Agent<T>&);            \
  template class FisherProduct<T>;                          \
  template class NaturalPolicy<T>
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
