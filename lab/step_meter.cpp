#include "step_meter.hpp"

#include <algorithm>
#include <cmath>

#include "clip_meter.hpp"

namespace pigrad {

template <class T>
StepMeter<T>::StepMeter(const OnPolicy<T>& algorithm)
    : algorithm_(&algorithm), layers_(layers_of(algorithm.layout())), moved_(layers_.size()) {}

template <class T>
void StepMeter<T>::begin() {
  const T* parameters = algorithm_->agent().parameters().data();
  before_.assign(parameters, parameters + algorithm_->layout().size());
}

template <class T>
double StepMeter<T>::most(const std::string& optimiser) const {
  const TrainSettings& s = algorithm_->settings();
  if (optimiser == "policy_optimiser") return s.policy.optimiser.max_grad_norm;
  return optimiser == "critic_optimiser" ? s.critic.optimiser.max_grad_norm : 0;
}

template <class T>
void StepMeter<T>::measure(const StepEnd<T>& step) {
  Of& of = of_[step.optimiser.substr(0, step.optimiser.find('_'))];
  if (const auto previous = previous_.find(step.optimiser); previous != previous_.end())
    of.cosine.add(cosine_of(previous->second, step.gradient));
  const double limit = most(step.optimiser);
  const bool clipped = limit > 0 && step.grad_norm > limit;
  of.cut.add(clipped ? 1 - limit / step.grad_norm : 0);
  of.clipped.add(clipped);
  const T* now = algorithm_->agent().parameters().data();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    double change = 0, size = 0;
    for (int k = layers_[i].range.begin; k < layers_[i].range.end; ++k) {
      const double was = static_cast<double>(before_[static_cast<std::size_t>(k)]);
      const double by = static_cast<double>(now[k]) - was;
      change += by * by;
      size += was * was;
    }
    if (change > 0) moved_[i].add(std::sqrt(change / size));
  }
  std::copy_n(now, before_.size(), before_.begin());
}

template <class T>
void StepMeter<T>::report(Metrics& metrics) {
  for (std::size_t i = 0; i < layers_.size(); ++i)
    metrics.emplace_back("grad/update/" + layers_[i].name, moved_[i].take());
  for (const char* name : {"policy", "critic"}) {
    Of& of = of_[name];
    const std::string group = std::string("grad/") + name + "/";
    metrics.emplace_back(group + "cosine_previous", of.cosine.take());
    metrics.emplace_back(group + "norm_cut", of.cut.take());
    metrics.emplace_back(group + "steps_clipped", of.clipped.take());
  }
}

template <class T>
void StepMeter<T>::save(State& state) const {
  std::string names;
  for (const auto& [name, gradient] : previous_) {
    state.put("grad_metrics.previous." + name, gradient);
    names += name + "\n";
  }
  state.put("grad_metrics.optimisers", names);
}

template <class T>
void StepMeter<T>::load(const State& state) {
  previous_.clear();
  const std::string& names = state.words("grad_metrics.optimisers");
  for (std::size_t at = 0, end; (end = names.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string name = names.substr(at, end - at);
    previous_[name] = state.reals<T>("grad_metrics.previous." + name, algorithm_->layout().size());
  }
}

template class StepMeter<float>;
template class StepMeter<double>;

}  // namespace pigrad
