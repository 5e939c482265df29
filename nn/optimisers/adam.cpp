#include <cmath>

#include "../../core/backend.hpp"
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
  void update(T* parameters, const T* gradient, int size) override {
    const OptimiserSettings& s = this->settings();
    const auto t = static_cast<double>(this->steps());
    const double bias1 = 1 - std::pow(s.beta1, t), bias2_root = std::sqrt(1 - std::pow(s.beta2, t));
    const double decay = decoupled_ ? 0 : s.weight_decay,
                 shrink = decoupled_ ? 1 - s.learning_rate * s.weight_decay : 1;
    const AdamStep<T> step{.sign = s.maximise ? T(-1) : T(1),
                           .decay = static_cast<T>(decay),
                           .enter1 = static_cast<T>(1 - s.beta1),
                           .keep2 = static_cast<T>(s.beta2),
                           .enter2 = static_cast<T>(1 - s.beta2),
                           .root_scale = static_cast<T>(1 / bias2_root),
                           .epsilon = static_cast<T>(s.epsilon),
                           .shrink = static_cast<T>(shrink),
                           .rate = static_cast<T>(s.learning_rate / bias1)};
    kernel_(size, step, parameters, gradient, this->state_data(0), this->state_data(1));
  }

  bool decoupled_;
  decltype(OptimiserKernels<T>::adam) kernel_ = find_backend<T>().optimisers.adam;
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
