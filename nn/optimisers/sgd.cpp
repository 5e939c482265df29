#include <vector>

#include "list.hpp"

namespace pigrad {
namespace {

/// Stochastic gradient descent: g ← ±g + λθ; b ← μb + (1−d)g, but b = g at the first step;
/// θ ← θ − ηb, or θ − η(g + μb) with Nesterov's look-ahead. Without momentum θ ← θ − ηg and there is no b.
template <class T>
class Sgd final : public Optimiser<T> {
 public:
  Sgd(const OptimiserSettings& settings, ParameterRange range)
      : Optimiser<T>(settings, range,
                     settings.momentum > 0 ? std::vector<const char*>{"momentum"} : std::vector<const char*>{}) {}

 private:
  void update(T* __restrict parameters, const T* __restrict gradient, int size) override {
    const OptimiserSettings& s = this->settings();
    const T rate = static_cast<T>(s.learning_rate), decay = static_cast<T>(s.weight_decay);
    const T sign = s.maximise ? T(-1) : T(1), momentum = static_cast<T>(s.momentum);
    if (s.momentum == 0) {
      for (int i = 0; i < size; ++i) parameters[i] -= rate * (sign * gradient[i] + decay * parameters[i]);
      return;
    }
    const bool first = this->steps() == 1;
    const T keep = first ? T(0) : momentum, enter = first ? T(1) : static_cast<T>(1 - s.dampening);
    const T ahead = s.nesterov ? T(1) : T(0), own = s.nesterov ? momentum : T(1);
    T* __restrict velocity = this->state_data(0);
    for (int i = 0; i < size; ++i) {
      const T g = sign * gradient[i] + decay * parameters[i];
      velocity[i] = keep * velocity[i] + enter * g;
      parameters[i] -= rate * (ahead * g + own * velocity[i]);
    }
  }
};

}  // namespace

template <class T>
std::unique_ptr<Optimiser<T>> make_sgd(const OptimiserSettings& settings, ParameterRange range) {
  return std::make_unique<Sgd<T>>(settings, range);
}

template std::unique_ptr<Optimiser<float>> make_sgd(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_sgd(const OptimiserSettings&, ParameterRange);

}  // namespace pigrad
