#include "a2c.hpp"

namespace pigrad {

template <class T>
A2c<T>::A2c(const TrainSettings& settings, const Spec& spec, const Registry* environments)
    : ActorCritic<T>(settings, spec, environments) {}

template <class T>
void A2c<T>::improve(int threads, Metrics& metrics) {
  Metrics of_critic;
  this->fit_critic(threads, of_critic);
  this->fit_policy(threads, metrics);
  metrics.insert(metrics.end(), of_critic.begin(), of_critic.end());
}

template class A2c<float>;
template class A2c<double>;

}  // namespace pigrad
