#include "learner.hpp"

#include <cmath>

#include "../nn/clip.hpp"
#include "first_fault.hpp"

namespace pigrad {

template <class T>
Learner<T>::Learner(Agent<T>& agent, Program loss, ParameterRange range, const OptimiserChoice& choice)
    : agent_(&agent),
      program_(std::move(loss)),
      workspace_(program_),
      bindings_(program_),
      optimiser_(make_optimiser<T>(choice.settings(), range)),
      range_(range),
      choice_(choice),
      schedule_(choice.schedule),
      gradient_(static_cast<std::size_t>(agent.layout().size())),
      obs_(slot("obs")),
      action_(slot("action")),
      log_prob_(slot("log_prob")),
      weight_(slot("weight")),
      divisor_(slot("per_episode")) {}

template <class T>
int Learner<T>::slot(const std::string& name) const {
  for (std::size_t i = 0; i < program_.inputs().size(); ++i)
    if (program_.inputs()[i].name == name) return static_cast<int>(i);
  return -1;
}

template <class T>
void Learner<T>::input(const std::string& name, const T* data, std::ptrdiff_t ld) {
  const int at = slot(name);
  if (at < 0) return;
  for (Extra& extra : extras_)
    if (extra.slot == at) return void(extra = {at, data, ld});
  extras_.push_back({at, data, ld});
}

template <class T>
void Learner<T>::bind(const Rollout<T>& rollout, const T* weight, const std::int32_t* order, int begin, int count) {
  const std::ptrdiff_t rows = rollout.rows(), first = order ? 0 : begin;
  bindings_.parameters(agent_->parameters().data());
  bindings_.order(order ? order + begin : nullptr);
  bindings_.rows(count);
  rows_ = count;
  rollout_ = &rollout;
  order_ = order;
  begin_ = begin;
  if (obs_ >= 0) bindings_.input(obs_, rollout.obs.data() + first, rows);
  if (log_prob_ >= 0) bindings_.input(log_prob_, rollout.log_prob.data() + first, rows);
  if (weight_ >= 0) bindings_.input(weight_, weight + first, rows);
  if (divisor_ >= 0) bindings_.input(divisor_, &per_episode_, 1);
  for (const Extra& extra : extras_) bindings_.input(extra.slot, extra.data + first, extra.ld);
  if (action_ < 0) return;
  if (program_.inputs()[static_cast<std::size_t>(action_)].index)
    bindings_.index(action_, rollout.index.data() + first);
  else
    bindings_.input(action_, rollout.action.data() + first, rows);
}

template <class T>
RunOptions Learner<T>::prepare(int threads) {
  if (handover_) handover_->take(bindings_, order_ ? 0 : begin_);
  return options_worth(threads, agent_->group(), rows_, range_.size());
}

template <class T>
double Learner<T>::loss(int threads) {
  const RunOptions options = prepare(threads);
  return static_cast<double>(workspace_.run(bindings_, Sink<T>::none(), options).loss);
}

template <class T>
double Learner<T>::differentiate(int threads, bool outputs) {
  RunOptions options = prepare(threads);
  options.outputs = outputs;
  const auto sink = Sink<T>::sum(gradient_.data());
  const double before = static_cast<double>(workspace_.run(bindings_, sink, options).loss);
  grad_norm_ = global_norm(gradient_.data(), range_);
  if (!std::isfinite(before) || !std::isfinite(grad_norm_)) {
    run_to_fault(workspace_, bindings_, program_, gradient_, {rollout_, order_, begin_, optimiser_->steps()}, options);
    throw Error("train",
                "the loss is " + std::to_string(before) + ", its gradient's norm " + std::to_string(grad_norm_),
                "lower the learning rate");
  }
  return before;
}

template <class T>
double Learner<T>::descend(int threads, bool outputs) {
  const double before = differentiate(threads, outputs);
  if (choice_.max_grad_norm > 0) clip_known_norm(gradient_.data(), range_, grad_norm_, choice_.max_grad_norm);
  optimiser_->step(agent_->parameters(), gradient_.data());
  return before;
}

template <class T>
void Learner<T>::begin_round(int round, int rounds) {
  optimiser_->set_learning_rate(schedule_.value(choice_.learning_rate, round, rounds));
}

template class Learner<float>;
template class Learner<double>;

}  // namespace pigrad
