#include "reinforce.hpp"

#include "losses.hpp"

namespace pigrad {

template <class T>
Reinforce<T>::Reinforce(const TrainSettings& settings, const Spec& spec, const Registry* environments)
    : OnPolicy<T>(settings, spec, environments, false),
      policy_(this->agent_,
              policy_gradient_loss(this->agent_, settings.policy.entropy_bonus, settings.policy.loss_reduction),
              this->agent_.policy_range(), settings.policy.optimiser) {
  this->remember("policy_optimiser", policy_);
}

template <class T>
void Reinforce<T>::improve(int threads, Metrics& metrics) {
  const auto policy = this->fit(policy_, this->advantages(), this->settings_.policy.steps_per_minibatch, threads);
  report_policy(policy, policy_, metrics);
}

template class Reinforce<float>;
template class Reinforce<double>;

}  // namespace pigrad
