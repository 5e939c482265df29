#pragma once
#include "../experiment.hpp"

/// The one list of experiments, in the order of the report: X(NAME) stands for NAME_experiment(), which a file beside
/// this one defines.
#define PIGRAD_EXPERIMENTS(X) \
  X(baseline)                 \
  X(psi)                      \
  X(lambda)                   \
  X(action_baseline)          \
  X(normalise)                \
  X(signs)                    \
  X(samples)                  \
  X(ends)                     \
  X(truncation)               \
  X(steps)                    \
  X(targets)                  \
  X(pseudo_loss)

namespace pigrad::lab {

#define PIGRAD_DECLARE(name) Experiment name##_experiment();
PIGRAD_EXPERIMENTS(PIGRAD_DECLARE)
#undef PIGRAD_DECLARE

}  // namespace pigrad::lab
