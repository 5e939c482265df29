#include "trpo.hpp"

#include <cmath>

namespace pigrad {

template <class T>
void Trpo<T>::improve(int threads, Metrics& metrics) {
  const NaturalSettings& s = this->settings_.natural;
  Metrics of_critic;
  this->fit_critic(threads, of_critic);
  NaturalPolicy<T>& policy = this->natural_;
  this->bind_policy(threads);
  NaturalStep step;
  step.before = policy.differentiate();
  step.solved = policy.solve();
  const double beta = policy.longest_step();
  int tried = 0;
  int worse = 0, too_far = 0;
  bool taken = false;
  for (; tried <= s.backtracks && !taken; ++tried) {
    step.alpha = beta * std::pow(s.shrink, tried);
    step.after = policy.move(step.alpha);
    const bool improves = step.after < step.before, near = policy.kl() <= s.max_kl;
    worse += !improves;
    too_far += !near;
    taken = improves && near;
  }
  if (!taken) step.after = policy.move(step.alpha = 0);
  this->report_step(step, metrics);
  metrics.emplace_back("train/line_search_steps", tried);
  metrics.emplace_back("train/line_search_worse", worse);
  metrics.emplace_back("train/line_search_too_far", too_far);
  metrics.insert(metrics.end(), of_critic.begin(), of_critic.end());
}

template class Trpo<float>;
template class Trpo<double>;

}  // namespace pigrad
