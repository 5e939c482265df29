#pragma once
#include "natural_learner.hpp"

namespace pigrad {

/// Natural policy gradient (Kakade 2002):
///
///     for each epoch:
///       collect T×E steps with π_θ;  Ψ ← by V_φ;  φ ← fit
///       g ← ∇ mean(ln π(a|s) Ψ)                                     eq. 2, with Ψ for Q
///       F ← mean_s E_{a∼π_θ} ∇ln π(a|s) ∇ln π(a|s)ᵀ                 eq. 3
///       x ← (F + λI)⁻¹ g, by conjugate gradients                    theorem 1's steepest ascent
///       θ ← θ + α x,  α = natural.rate, or √(2δ/xᵀ(F + λI)x)
///
/// The second α keeps the policy's change at a mean KL of δ to second order, whatever the size of g.
template <class T>
class Npg final : public NaturalLearner<T> {
 public:
  /// The environment is somebody else's: act, observe, update.
  Npg(const TrainSettings& settings, const Spec& spec) : NaturalLearner<T>(settings, spec, nullptr) {}
  /// settings.environment from the registry, which outlives this.
  Npg(const TrainSettings& settings, const Registry& environments)
      : NaturalLearner<T>(settings, environments.spec(settings.environment), &environments) {}

 private:
  void improve(int threads, Metrics& metrics) override;
};

}  // namespace pigrad
