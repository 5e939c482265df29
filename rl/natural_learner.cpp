#include "natural_learner.hpp"

namespace pigrad {

template <class T>
NaturalLearner<T>::NaturalLearner(const TrainSettings& settings, const Spec& spec, const Registry* environments)
    : ActorCritic<T>(settings, spec, environments, false),
      natural_(this->agent_, this->settings_.natural, settings.policy.entropy_bonus) {}

template <class T>
void NaturalLearner<T>::bind_policy(int threads) {
  natural_.bind(this->rollout_, this->advantages().data(), this->order(), this->learning_row_count(), threads);
}

template <class T>
void NaturalLearner<T>::report_step(const NaturalStep& step, Metrics& metrics) {
  this->note_step("policy", this->learning_row_count(), step.before, natural_.grad_norm(), natural_.gradient());
  metrics.emplace_back("train/policy_loss", step.before);
  metrics.emplace_back("train/policy_loss_change", step.after - step.before);
  metrics.emplace_back("train/entropy_loss", -natural_.entropy());
  metrics.emplace_back("train/entropy", natural_.entropy());
  metrics.emplace_back("train/kl", natural_.kl());
  metrics.emplace_back("train/policy_grad_norm", natural_.grad_norm());
  metrics.emplace_back("train/natural_cosine", natural_.cosine());
  metrics.emplace_back("train/natural_step", step.alpha);
  metrics.emplace_back("train/cg_iterations", step.solved.iterations);
  metrics.emplace_back("train/cg_residual", step.solved.residual);
}

template class NaturalLearner<float>;
template class NaturalLearner<double>;

}  // namespace pigrad
