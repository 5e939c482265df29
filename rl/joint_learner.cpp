#include "joint_learner.hpp"

#include <cmath>

#include "../nn/clip.hpp"
#include "first_fault.hpp"
#include "learner.hpp"

namespace pigrad {

template <class T>
JointLearner<T>::JointLearner(Agent<T>& agent, Program loss, const PolicySettings& policy, const CriticSettings& critic,
                              bool separate)
    : agent_(&agent),
      program_(std::move(loss)),
      workspace_(program_),
      bindings_(program_),
      gradient_(static_cast<std::size_t>(agent.layout().size())),
      fixed_(program_.inputs().size()),
      obs_(slot("obs")),
      action_(slot("action")),
      log_prob_(slot("log_prob")),
      weight_(slot("weight")),
      target_(slot("target")),
      value_(slot("value")) {
  if (separate && agent.shared())
    throw Error("critic.kind", "shared layers cannot have two optimisers",
                "set ppo.optimisers=joint, or critic.kind=mlp");
  add(separate ? agent.policy_range() : ParameterRange{0, agent.layout().size()}, policy.optimiser);
  if (separate) add(agent.critic_range(), critic.optimiser);
  for (std::size_t i = 0; i < fixed_.size(); ++i)
    if (!program_.inputs()[i].shape.is_batch()) bindings_.input(static_cast<int>(i), &fixed_[i], 1);
}

template <class T>
void JointLearner<T>::add(ParameterRange range, const OptimiserChoice& choice) {
  parts_.push_back({range, choice, Schedule(choice.schedule), make_optimiser<T>(choice.settings(), range)});
}

template <class T>
int JointLearner<T>::slot(const std::string& name) const {
  for (std::size_t i = 0; i < program_.inputs().size(); ++i)
    if (program_.inputs()[i].name == name) return static_cast<int>(i);
  return -1;
}

template <class T>
void JointLearner<T>::bind(const Rollout<T>& rollout, const Estimates& estimates, const std::int32_t* order, int begin,
                           int count) {
  const std::ptrdiff_t rows = rollout.rows(), first = order ? 0 : begin;
  bindings_.parameters(agent_->parameters().data());
  bindings_.order(order ? order + begin : nullptr);
  bindings_.rows(count);
  rows_ = count;
  rollout_ = &rollout;
  order_ = order;
  begin_ = begin;
  const auto input = [&](int slot, const T* data) {
    if (slot >= 0) bindings_.input(slot, data + first, rows);
  };
  input(obs_, rollout.obs.data());
  input(log_prob_, rollout.log_prob.data());
  input(weight_, estimates.advantage);
  input(target_, estimates.target);
  input(value_, estimates.value);
  if (rollout.action_size == 0)
    bindings_.index(action_, rollout.index.data() + first);
  else
    input(action_, rollout.action.data());
}

template <class T>
void JointLearner<T>::set(const std::string& input, double value) {
  if (const int at = slot(input); at >= 0) fixed_[static_cast<std::size_t>(at)] = static_cast<T>(value);
}

template <class T>
double JointLearner<T>::differentiate(int threads) {
  for (const Handover<T>* handover : handovers_) handover->take(bindings_, order_ ? 0 : begin_);
  const RunOptions options = options_worth(threads, agent_->group(), rows_, agent_->layout().size());
  const auto sink = Sink<T>::sum(gradient_.data());
  const double loss = static_cast<double>(workspace_.run(bindings_, sink, options).loss);
  bool finite = std::isfinite(loss);
  for (Part& part : parts_) {
    part.norm = global_norm(gradient_.data(), part.range);
    finite = finite && std::isfinite(part.norm);
  }
  if (finite) return loss;
  run_to_fault(workspace_, bindings_, program_, gradient_,
               {rollout_, order_, begin_, parts_.front().optimiser->steps()}, options);
  throw Error("train", "the loss is " + std::to_string(loss) + ", its gradient's norm " + std::to_string(grad_norm()),
              "lower the learning rate");
}

template <class T>
void JointLearner<T>::step(bool policy_too) {
  for (std::size_t i = policy_too ? 0 : 1; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    if (part.choice.max_grad_norm > 0)
      clip_known_norm(gradient_.data(), part.range, part.norm, part.choice.max_grad_norm);
    part.optimiser->step(agent_->parameters(), gradient_.data());
  }
}

template <class T>
bool JointLearner<T>::has_output(const std::string& name) const {
  for (const OutputSlot& output : program_.outputs())
    if (output.name == name) return true;
  return false;
}

template <class T>
void JointLearner<T>::begin_round(int round, int rounds) {
  for (Part& part : parts_)
    part.optimiser->set_learning_rate(part.schedule.value(part.choice.learning_rate, round, rounds));
}

template class JointLearner<float>;
template class JointLearner<double>;

}  // namespace pigrad
