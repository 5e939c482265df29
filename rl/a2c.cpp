#include "a2c.hpp"

#include "losses.hpp"

namespace pigrad {
namespace {

const TrainSettings& checked_a2c(const TrainSettings& s) {
  if (s.critic.kind == "shared")
    throw Error("critic.kind", "a2c has two optimisers, and shared layers cannot have two",
                "set critic.kind=mlp, or algorithm=a2c-joint");
  return s;
}

}  // namespace

template <class T>
A2c<T>::A2c(const TrainSettings& settings, const Spec& spec, const Registry* environments)
    : OnPolicy<T>(checked_a2c(settings), spec, environments, true),
      policy_(this->agent_, policy_gradient_loss(this->agent_, settings.policy.entropy_bonus),
              this->agent_.policy_range(), settings.policy.optimiser),
      critic_fit_(this->agent_, value_loss(this->agent_, settings.critic.loss == "broadcast"),
                  this->agent_.critic_range(), settings.critic.optimiser) {
  this->remember("policy_optimiser", policy_);
  this->remember("critic_optimiser", critic_fit_);
}

template <class T>
void A2c<T>::improve(int threads, Metrics& metrics) {
  const auto policy = this->fit(policy_, this->advantage_, this->settings_.policy.steps_per_minibatch, threads);
  this->report_policy(policy_, policy, metrics);
  const double explained =
      explained_variance(this->returns_.data(), this->value_.data(), this->order(), this->learning_row_count());
  const auto critic = this->fit(critic_fit_, this->returns_, this->settings_.critic.steps_per_minibatch, threads);
  metrics.emplace_back("train/value_loss", critic.before);
  metrics.emplace_back("train/value_loss_change", critic.after - critic.before);
  metrics.emplace_back("train/explained_variance", explained);
  metrics.emplace_back("train/value_grad_norm", critic_fit_.grad_norm());
}

template class A2c<float>;
template class A2c<double>;

}  // namespace pigrad
