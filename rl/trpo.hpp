#pragma once
#include "natural_learner.hpp"

namespace pigrad {

/// Trust region policy optimisation (Schulman et al. 2015):
///
///     for each epoch:
///       collect T×E steps with π_old = π_θ;  Ψ ← by V_φ;  φ ← fit
///       maximise L(θ) = mean ρ Ψ, ρ = π_θ(a|s)/π_old(a|s), subject to mean KL(π_old‖π_θ) ≤ δ       eq. 14
///         g ← ∇L at θ_old;  x ← (F + λI)⁻¹ g, by conjugate gradients                               appendix C
///         β ← √(2δ/xᵀ(F + λI)x), the step that meets the constraint to second order
///         the first of β, βκ, βκ², … that makes L larger and keeps the constraint is taken, or none
///
/// Its choices are natural.*: δ = max_kl, λ = damping, κ = shrink.
template <class T>
class Trpo final : public NaturalLearner<T> {
 public:
  /// The environment is somebody else's: act, observe, update.
  Trpo(const TrainSettings& settings, const Spec& spec) : NaturalLearner<T>(settings, spec, nullptr) {}
  /// settings.environment from the registry, which outlives this.
  Trpo(const TrainSettings& settings, const Registry& environments)
      : NaturalLearner<T>(settings, environments.spec(settings.environment), &environments) {}

 private:
  void improve(int threads, Metrics& metrics) override;
};

}  // namespace pigrad
