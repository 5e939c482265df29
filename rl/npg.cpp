#include "npg.hpp"

namespace pigrad {

template <class T>
void Npg<T>::improve(int threads, Metrics& metrics) {
  Metrics of_critic;
  this->fit_critic(threads, of_critic);
  NaturalPolicy<T>& policy = this->natural_;
  this->bind_policy(threads);
  NaturalStep step;
  step.before = policy.differentiate();
  step.solved = policy.solve();
  const double longest = policy.longest_step(), rate = this->settings_.natural.rate;
  step.alpha = rate > 0 ? rate : longest;
  step.after = policy.move(step.alpha);
  this->report_step(step, metrics);
  metrics.insert(metrics.end(), of_critic.begin(), of_critic.end());
}

template class Npg<float>;
template class Npg<double>;

}  // namespace pigrad
