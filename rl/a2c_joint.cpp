#include "a2c_joint.hpp"

#include "joint_loss.hpp"
#include "joint_update.hpp"

namespace pigrad {
namespace {

const TrainSettings& checked_whole(const TrainSettings& s) {
  if (s.minibatch != 0 && s.minibatch != std::int64_t{s.steps} * s.copies)
    throw Error("minibatch", "a2c-joint takes one step on the whole rollout", "set minibatch=0, or algorithm=ppo");
  return checked_joint(s);
}

}  // namespace

template <class T>
A2cJoint<T>::A2cJoint(const TrainSettings& settings, const Spec& spec, const Registry* environments)
    : OnPolicy<T>(checked_whole(settings), spec, environments, true),
      learner_(this->agent_, a2c_loss(this->agent_, settings), settings.policy, settings.critic, false) {
  this->remember("policy_optimiser", learner_.policy_optimiser());
  if (settings.minibatch != 0) return;
  this->acting_serves(learner_);
  this->valuing_serves(learner_);
}

template <class T>
void A2cJoint<T>::estimate(int threads) {
  this->find_advantages(threads);
  this->estimates_.find_lambda_returns(target_);
}

template <class T>
void A2cJoint<T>::improve(int threads, Metrics& metrics) {
  const int rows = this->learning_row_count();
  learner_.begin_round(this->rounds_done_, this->settings_.rounds());
  learner_.bind(this->rollout_, {this->advantages().data(), target_.data(), nullptr}, this->order(), 0, rows);
  JointReport report(false);
  const double loss = learner_.differentiate(threads);
  report.note(learner_);
  learner_.step();
  this->note_step(learner_.policy_optimiser(), rows, loss, learner_.grad_norm(), learner_.gradient());
  const double explained = explained_variance(target_.data(), this->estimates_.value().data(), this->order(), rows);
  report.write(learner_, {loss, explained, this->rounds_done_ + 1}, metrics);
}

template class A2cJoint<float>;
template class A2cJoint<double>;

}  // namespace pigrad
