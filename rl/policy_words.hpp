#pragma once
#include "agent.hpp"
#include "state.hpp"

namespace pigrad {

/// Puts into a checkpoint, as texts that begin with "policy.", what its tensors leave unsaid of the policy, so that it
/// can be run without the settings' and the environment's own code: activations, a layer each; discrete or box;
/// bounds; what the spread means; the normaliser's ε and clip. policy/ reads them.
template <class T>
void describe_policy(const Agent<T>& agent, const TrainSettings& settings, State& state);

}  // namespace pigrad
