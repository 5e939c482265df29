#pragma once
#include <vector>

#include "../rl/agent.hpp"
#include "../rl/descent.hpp"
#include "../rl/settings.hpp"

namespace pigrad {

/// Of so many ranks those that act, each in its part of the copies: whole episodes each of them plays alike.
inline int ranks_that_act(const TrainSettings& settings, int ranks) { return settings.whole_episodes ? 1 : ranks; }

/// Rows of the largest run of a descent's loss on one of so many ranks: a minibatch, or the rollout where a whole pass
/// is asked for, or a part of it.
template <class T>
int rows_of_a_run(const TrainSettings& settings, const Spec& spec, const Descent<T>& descent, int ranks = 1);

/// Optimiser steps of a descent in a round at most.
template <class T>
int steps_of_a_round(const TrainSettings& settings, const Spec& spec, const Descent<T>& descent);

/// Records that a round leaves at most.
template <class T>
int records_of_a_round(const TrainSettings& settings, const Spec& spec, const std::vector<Descent<T>>& descents);

/// Device memory that a run takes on each of so many ranks, in bytes: all that its DeviceAlgorithm asks for.
template <class T>
std::size_t device_footprint(const TrainSettings& settings, const Agent<T>& agent,
                             const std::vector<Descent<T>>& descents, int ranks = 1);

/// Throws Error, with both figures and a cure, where a run takes more than `free` bytes.
template <class T>
void check_device_footprint(const TrainSettings& settings, const Agent<T>& agent,
                            const std::vector<Descent<T>>& descents, std::size_t free, int ranks = 1);

}  // namespace pigrad
