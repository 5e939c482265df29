#include "vpg.hpp"

namespace pigrad {

template <class T>
Vpg<T>::Vpg(const TrainSettings& settings, const Spec& spec, const Registry* environments)
    : ActorCritic<T>(settings, spec, environments) {}

template <class T>
void Vpg<T>::improve(int threads, Metrics& metrics) {
  this->fit_critic(threads, metrics);
  this->fit_policy(threads, metrics);
}

template class Vpg<float>;
template class Vpg<double>;

}  // namespace pigrad
