#pragma once
#include <string>
#include <vector>

#include "../core/program.hpp"
#include "../nn/optimiser.hpp"
#include "optimiser_choice.hpp"

namespace pigrad {

/// An optimiser, by its name in checkpoints, and how a run moves it. Its range is its part of the parameters.
template <class T>
struct Mover {
  std::string name;
  const Optimiser<T>* optimiser = nullptr;
  OptimiserChoice choice;
};

/// A loss that an update lowers and who moves the parameters down it: what whoever carries updates out elsewhere than
/// on this processor (cuda/) needs to know of an algorithm.
template <class T>
struct Descent {
  enum class Of {
    policy,  ///< "weight" is Ψ; policy.steps_per_minibatch steps on each minibatch of a pass in order
    critic,  ///< "weight" is the critic's target; critic.steps_per_minibatch steps
    both     ///< "weight" is Ψ, "target" the λ-return, "value" V of the rollout; one step a minibatch
  };
  Of of = Of::policy;
  const Program* loss = nullptr;
  std::vector<Mover<T>> movers;  ///< of both: one of all parameters, or the policy's and the critic's
  int passes = 1;
  bool shuffled = false;                ///< each pass in an order of its own (rl/shuffle.hpp)
  bool normalises_minibatches = false;  ///< "advantage_mean" and "advantage_scale" are each minibatch's
};

}  // namespace pigrad
