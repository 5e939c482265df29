#pragma once
#include <vector>

#include "../rl/on_policy.hpp"
#include "clip_meter.hpp"

namespace pigrad {

/// Plain against natural gradient at one moment of a run, on the rollout that the run is about to learn from.
struct NaturalMoment {
  int epoch = 0;
  double mean_return = 0;  ///< of the episodes that ended in the rollout; NaN where none did
  double degrees = 0;      ///< between g and (F + λI)⁻¹g
  double plain_slope = 0;  ///< the surrogate's rise along g, by the root of dᵀFd: a unit of √(2·KL)
  double natural_slope = 0;  ///< the same along (F + λI)⁻¹g. With λ = 0 no direction's is larger (Cauchy and Schwarz)
  std::vector<double> eigenvalues;  ///< of F, the largest, by Lanczos
};

struct NaturalStudyOptions {
  int every = 1;          ///< epochs between moments
  double damping = 1e-3;  ///< λ
  int iterations = 50;    ///< of conjugate gradients
  int lanczos_steps = 30;
  int eigenvalues = 5;
};

/// Trains `settings` in double from the start to the end and looks at each `every`th epoch's first rollout before the
/// policy learns from it. Throws what making the algorithm throws.
std::vector<NaturalMoment> natural_over_training(TrainSettings settings, const Registry& environments, int threads,
                                                 const NaturalStudyOptions& options = {});

/// How much of PPO's gradient the clip throws away after each pass over the rollout: [epochs][passes], a whole-rollout
/// measurement after each pass's last step (see ClipShare).
/// Throws Error for another algorithm than ppo, or an update that target_kl may end early.
std::vector<std::vector<ClipShare>> clip_over_passes(TrainSettings settings, const Registry& environments, int threads);

}  // namespace pigrad
