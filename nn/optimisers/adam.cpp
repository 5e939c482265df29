#include <cmath>

#include "list.hpp"

namespace pigrad {
namespace {

/// Adam (Kingma and Ba 2015) as PyTorch computes it but for one division, at step t:
///   g ← ±g + λθ                      (adamw, Loshchilov and Hutter 2019: θ ← (1 − ηλ)θ instead)
///   m ← m + (1−β₁)(g − m),  v ← β₂v + (1−β₂)g²
///   θ ← θ − η/(1−β₁ᵗ) · m / (√v · (1/√(1−β₂ᵗ)) + ε)
/// Without weight decay λθ adds 0, which changes no bit of g.
template <class T>
class Adam final : public Optimiser<T> {
 public:
  Adam(const OptimiserSettings& settings, ParameterRange range, bool decoupled)
      : Optimiser<T>(settings, range, {"mean", "mean_square"}), decoupled_(decoupled) {}

 private:
  void update(T* __restrict parameters, const T* __restrict gradient, int size) override {
    const OptimiserSettings& s = this->settings();
    const auto t = static_cast<double>(this->steps());
    const double bias1 = 1 - std::pow(s.beta1, t), bias2_root = std::sqrt(1 - std::pow(s.beta2, t));
    const T size_of_step = static_cast<T>(s.learning_rate / bias1), root_scale = static_cast<T>(1 / bias2_root);
    const T enter1 = static_cast<T>(1 - s.beta1);
    const T keep2 = static_cast<T>(s.beta2), enter2 = static_cast<T>(1 - s.beta2), epsilon = static_cast<T>(s.epsilon);
    const T sign = s.maximise ? T(-1) : T(1), decay = decoupled_ ? T(0) : static_cast<T>(s.weight_decay);
    const T shrink = decoupled_ ? static_cast<T>(1 - s.learning_rate * s.weight_decay) : T(1);
    T* __restrict mean = this->state_data(0);
    T* __restrict square = this->state_data(1);
    for (int i = 0; i < size; ++i) {
      const T g = sign * gradient[i] + decay * parameters[i];
      mean[i] += enter1 * (g - mean[i]);
      square[i] = keep2 * square[i] + enter2 * g * g;
      const T denominator = std::sqrt(square[i]) * root_scale + epsilon;
      parameters[i] = shrink * parameters[i] - size_of_step * mean[i] / denominator;
    }
  }

  bool decoupled_;
};

}  // namespace

template <class T>
std::unique_ptr<Optimiser<T>> make_adam(const OptimiserSettings& settings, ParameterRange range) {
  return std::make_unique<Adam<T>>(settings, range, false);
}

template <class T>
std::unique_ptr<Optimiser<T>> make_adamw(const OptimiserSettings& settings, ParameterRange range) {
  return std::make_unique<Adam<T>>(settings, range, true);
}

template std::unique_ptr<Optimiser<float>> make_adam(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_adam(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<float>> make_adamw(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_adamw(const OptimiserSettings&, ParameterRange);

}  // namespace pigrad
