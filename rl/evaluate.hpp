#pragma once
#include "agent.hpp"
#include "algorithm.hpp"

namespace pigrad {

/// Returns of `episodes` whole episodes of an agent in fresh copies of an environment: starts and actions are drawn for
/// Purpose::evaluate, so that training's draws stay as they are. Throws Error if the environment has no time limit
/// and an episode passes endless_episode steps.
/// @param watch who sees each step, on one thread; its limit then counts too, and the result only if it saw the end
template <class T>
Evaluation evaluate(const Agent<T>& agent, const Registry& environments, const std::string& environment, int episodes,
                    bool greedy, std::uint64_t seed, int threads, const Watch* watch = nullptr);

}  // namespace pigrad
