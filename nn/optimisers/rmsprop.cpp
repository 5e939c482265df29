#include <algorithm>
#include <vector>

#include "../../core/backend.hpp"
#include "list.hpp"
#include "steps.hpp"

namespace pigrad {
namespace {

std::vector<const char*> arrays_of(const OptimiserSettings& s) {
  std::vector<const char*> names{"mean_square"};
  if (s.centered) names.push_back("mean");
  if (s.momentum > 0) names.push_back("momentum");
  return names;
}

/// RMSprop (Tieleman and Hinton 2012):
///   g ← ±g + λθ;  s ← αs + (1−α)g²;  centered: ḡ ← ḡ + (1−α)(g − ḡ), σ² = max(s − ḡ², 0), otherwise σ² = s
///   r = g/(√σ² + ε), or g/√(σ² + ε) with the ε inside
///   θ ← θ − ηr;  with momentum b ← μb + r and θ ← θ − ηb
template <class T>
class RmsProp final : public Optimiser<T> {
 public:
  RmsProp(const OptimiserSettings& settings, ParameterRange range)
      : Optimiser<T>(settings, range, arrays_of(settings)) {
    std::fill_n(this->state_data(0), range.size(), static_cast<T>(settings.initial_mean_square));
  }

 private:
  void update(T* parameters, const T* gradient, int size) override {
    const OptimiserSettings& s = this->settings();
    const RmsPropStep<T> step = RmsPropRule(s).step<T>(s.learning_rate, this->steps());
    T* mean = s.centered ? this->state_data(1) : nullptr;
    T* velocity = s.momentum > 0 ? this->state_data(s.centered ? 2 : 1) : nullptr;
    kernel_(size, step, parameters, gradient, this->state_data(0), mean, velocity);
  }

  decltype(OptimiserKernels<T>::rmsprop) kernel_ = find_backend<T>().optimisers.rmsprop;
};

}  // namespace

template <class T>
std::unique_ptr<Optimiser<T>> make_rmsprop(const OptimiserSettings& settings, ParameterRange range) {
  return std::make_unique<RmsProp<T>>(settings, range);
}

template std::unique_ptr<Optimiser<float>> make_rmsprop(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_rmsprop(const OptimiserSettings&, ParameterRange);

}  // namespace pigrad
