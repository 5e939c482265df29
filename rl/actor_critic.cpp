#include "actor_critic.hpp"

#include "losses.hpp"

namespace pigrad {
namespace {

const TrainSettings& checked_separate(const TrainSettings& s) {
  if (s.critic.kind == "shared")
    throw Error("critic.kind", s.algorithm + " has two optimisers, and shared layers cannot have two",
                "set critic.kind=mlp, or algorithm=a2c-joint");
  return s;
}

}  // namespace

template <class T>
ActorCritic<T>::ActorCritic(const TrainSettings& settings, const Spec& spec, const Registry* environments,
                            bool with_optimiser)
    : OnPolicy<T>(checked_separate(settings), spec, environments, true), critic_fit_(this->agent_, this->settings_) {
  if (with_optimiser) {
    policy_ = std::make_unique<Learner<T>>(
        this->agent_, policy_gradient_loss(this->agent_, settings.policy.entropy_bonus, settings.policy.loss_reduction),
        this->agent_.policy_range(), settings.policy.optimiser);
    this->remember("policy_optimiser", *policy_);
  }
  this->remember("critic_optimiser", critic_fit_.learner());
  if (settings.minibatch != 0) return;
  if (policy_) this->acting_serves(*policy_);
  if (settings.advantage.values == "rollout") this->valuing_serves(critic_fit_.learner());
}

template <class T>
std::vector<Descent<T>> ActorCritic<T>::descents() const {
  using Of = typename Descent<T>::Of;
  if (!policy_) return {};
  const Learner<T>& critic = critic_fit_.learner();
  return {{Of::critic, &critic.program(), {{"critic_optimiser", &critic.optimiser(), critic.choice()}}},
          {Of::policy, &policy_->program(), {{"policy_optimiser", &policy_->optimiser(), policy_->choice()}}}};
}

template <class T>
void ActorCritic<T>::estimate(int threads) {
  this->estimates_.find_returns(threads);
  if (this->settings_.advantage.values == "rollout") this->estimates_.find_advantages(threads, false);
}

template <class T>
void ActorCritic<T>::fit_critic(int threads, Metrics& metrics) {
  Estimates<T>& estimates = this->estimates_;
  const std::string& values = this->settings_.advantage.values;
  const auto& seen = estimates.action_value().empty() ? estimates.value() : estimates.action_value();
  const double explained =
      explained_variance(estimates.returns().data(), seen.data(), this->order(), this->learning_row_count());
  critic_fit_.aim(estimates);
  std::function<void()> before_last_step;
  if (values == "last_step") before_last_step = [&] { estimates.find_advantages(threads, true); };
  const auto fit = this->fit(critic_fit_.learner(), critic_fit_.target(), this->settings_.critic.steps_per_minibatch,
                             threads, before_last_step);
  if (values == "refitted") estimates.find_advantages(threads, true);
  report_critic(fit, critic_fit_.learner(), explained, metrics);
}

template <class T>
void ActorCritic<T>::fit_policy(int threads, Metrics& metrics) {
  const auto fit = this->fit(*policy_, this->advantages(), this->settings_.policy.steps_per_minibatch, threads);
  report_policy(fit, *policy_, metrics);
}

template class ActorCritic<float>;
template class ActorCritic<double>;

}  // namespace pigrad
