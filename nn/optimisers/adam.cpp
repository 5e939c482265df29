#include "../../core/backend.hpp"
#include "list.hpp"
#include "steps.hpp"

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
  Adam(const OptimiserSettings& settings, ParameterRange range)
      : Optimiser<T>(settings, range, {"mean", "mean_square"}) {}

 private:
  void update(T* parameters, const T* gradient, int size) override {
    const AdamStep<T> step = AdamRule(this->settings()).template step<T>(this->settings().learning_rate, this->steps());
    kernel_(size, step, parameters, gradient, this->state_data(0), this->state_data(1));
  }

  decltype(OptimiserKernels<T>::adam) kernel_ = find_backend<T>().optimisers.adam;
};

}  // namespace

template <class T>
std::unique_ptr<Optimiser<T>> make_adam(const OptimiserSettings& settings, ParameterRange range) {
  return std::make_unique<Adam<T>>(settings, range);
}

template <class T>
std::unique_ptr<Optimiser<T>> make_adamw(const OptimiserSettings& settings, ParameterRange range) {
  return std::make_unique<Adam<T>>(settings, range);
}

template std::unique_ptr<Optimiser<float>> make_adam(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_adam(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<float>> make_adamw(const OptimiserSettings&, ParameterRange);
template std::unique_ptr<Optimiser<double>> make_adamw(const OptimiserSettings&, ParameterRange);

}  // namespace pigrad
