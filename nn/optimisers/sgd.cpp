#include <vector>

#include "list.hpp"
#include "steps.hpp"

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
    const SgdStep<T> step = SgdRule(s).step<T>(s.learning_rate, this->steps());
    T* __restrict velocity = s.momentum > 0 ? this->state_data(0) : nullptr;
    for (int i = 0; i < size; ++i) move_sgd(step, parameters[i], gradient[i], velocity ? velocity + i : nullptr);
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
