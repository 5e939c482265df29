#pragma once
#include "agent.hpp"
#include "rollout.hpp"
#include "settings.hpp"

namespace pigrad {

/// Gives the settings back. Throws Error for the first that is outside what it may be, or that does not go with
/// another, with the environment, or with an algorithm without a critic.
const TrainSettings& checked(const TrainSettings& settings, const Spec& spec, bool with_critic);

/// Throws Error unless every array of a rollout has its size and every action is one of the agent's.
template <class T>
void check_rollout(const Rollout<T>& rollout, const Agent<T>& agent);

}  // namespace pigrad
