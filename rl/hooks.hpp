#pragma once
#include <functional>
#include <string>
#include <vector>

#include "algorithm.hpp"

namespace pigrad {

/// One optimiser step: what it went down, and by which gradient (of the whole parameter vector, after clipping, of
/// which an optimiser moves its own range).
template <class T>
struct StepEnd {
  const std::string& optimiser;  ///< as checkpoints name it: "policy_optimiser", "critic_optimiser"
  int rows;                      ///< of the minibatch
  double loss;                   ///< before the step
  double grad_norm;              ///< of the optimiser's range, before clipping
  const std::vector<T>& gradient;
};

/// Functions of the user's that an algorithm calls, each optional. They see everything and change nothing but metrics:
/// a run with hooks has the bits of one without.
template <class T>
struct Hooks {
  /// For each episode that ended in the rollout, in order of step, then copy, before anything is learnt from it.
  std::function<void(const Episode&)> episode;
  /// When a rollout's estimates are known and nothing has been learnt from it, and when all has. `threads`: how many
  /// the algorithm may use, which changes no result.
  std::function<void(int threads)> estimated, learnt;
  /// After each optimiser step.
  std::function<void(const StepEnd<T>&)> step;
  /// At an epoch's end. Metrics may be added, the same ones in each epoch. Returning false ends the run: see
  /// OnPolicy::stopped.
  std::function<bool(Metrics&)> epoch;
};

}  // namespace pigrad
