#pragma once
#include "agent.hpp"
#include "algorithm.hpp"

namespace pigrad {

/// Returns of `episodes` whole episodes of an agent in fresh copies of an environment: starts and actions are drawn for
/// Purpose::evaluate, so that training's draws stay as they are. Throws Error if the environment has no time limit.
template <class T>
Evaluation evaluate(const Agent<T>& agent, const Registry& environments, const std::string& environment, int episodes,
                    bool greedy, std::uint64_t seed, int threads);

}  // namespace pigrad
