#pragma once
#include <vector>

#include "../core/workspace.hpp"
#include "rollout.hpp"

namespace pigrad {

/// Which rows of a rollout a run saw, and after how many optimiser steps (−1: there is no optimiser).
template <class T>
struct FaultSite {
  const Rollout<T>* rollout = nullptr;
  const std::int32_t* order = nullptr;  ///< null: from row `begin` on
  int begin = 0;
  std::int64_t steps = -1;
};

/// Runs a loss whose value or gradient is not finite again, checking every node. Throws Error that tells where it
/// began: the first such node with its operands, the layer that it lies in or behind, the optimiser step, and of the
/// sample the step and copy, what was observed and done there, and what the loss was told of it. Returns if all is
/// finite.
/// @param gradient scratch [P]
template <class T>
void run_to_fault(Workspace<T>& workspace, const Bindings<T>& bindings, const Program& program,
                  std::vector<T>& gradient, const FaultSite<T>& site, RunOptions options);

}  // namespace pigrad
