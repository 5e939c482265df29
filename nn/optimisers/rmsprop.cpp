#include <algorithm>
#include <cmath>
#include <vector>

#include "list.hpp"

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
  void update(T* __restrict parameters, const T* __restrict gradient, int size) override {
    const OptimiserSettings& s = this->settings();
    if (s.centered)
      s.momentum > 0 ? update<true, true>(parameters, gradient, size) : update<true, false>(parameters, gradient, size);
    else
      s.momentum > 0 ? update<false, true>(parameters, gradient, size)
                     : update<false, false>(parameters, gradient, size);
  }

  template <bool centered, bool heavy>
  void update(T* __restrict parameters, const T* __restrict gradient, int size) {
    const OptimiserSettings& s = this->settings();
    const T rate = static_cast<T>(s.learning_rate), decay = static_cast<T>(s.weight_decay);
    const T sign = s.maximise ? T(-1) : T(1), momentum = static_cast<T>(s.momentum);
    const T keep = static_cast<T>(s.alpha), enter = static_cast<T>(1 - s.alpha);
    const T inside = s.epsilon_inside ? static_cast<T>(s.epsilon) : T(0);
    const T outside = s.epsilon_inside ? T(0) : static_cast<T>(s.epsilon);
    T* __restrict square = this->state_data(0);
    [[maybe_unused]] T* __restrict mean = centered ? this->state_data(1) : nullptr;
    [[maybe_unused]] T* __restrict velocity = heavy ? this->state_data(centered ? 2 : 1) : nullptr;
    for (int i = 0; i < size; ++i) {
      const T g = sign * gradient[i] + decay * parameters[i];
      square[i] = keep * square[i] + enter * g * g;
      T variance = square[i];
      if constexpr (centered) {
        mean[i] += enter * (g - mean[i]);
        variance = std::max(variance - mean[i] * mean[i], T(0));
      }
      const T root = std::sqrt(variance + inside) + outside;
      if constexpr (heavy) {
        velocity[i] = momentum * velocity[i] + g / root;
        parameters[i] -= rate * velocity[i];
      } else {
        parameters[i] -= rate * g / root;
      }
    }
  }
};

}  // namespace

template <class T>
std::unique_ptr<Optimiser<T>> make_rmsprop(const OptimiserSettings& settings, ParameterRange range) {
  return std::make_unique<RmsProp<T>>(settings, range);
}

template std::unique_ptr<Optimiser<float>> make_rmsprop(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_rmsprop(const OptimiserSettings&, ParameterRange);

}  // namespace pigrad
