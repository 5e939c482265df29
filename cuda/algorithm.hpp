#pragma once
#include <memory>

#include "../rl/algorithm.hpp"

namespace pigrad {

/// The algorithm that settings.algorithm names, trained on the device whole: environments, policy, sampling, estimates,
/// losses, gradients and optimisers. Checkpoints are the processor's own: a run goes from one to the other and back.
/// Throws Error without a device, for settings that have no form there, by name, and, with the figures, where its
/// memory does not suffice.
/// @param ranks above 1: so many processes, each with a device, will share it (Algorithm::share) before its first
/// epoch. Its memory is for a rank's part of the work
std::unique_ptr<Algorithm> make_device_algorithm(const TrainSettings& settings, const Registry& environments,
                                                 int ranks = 1);

}  // namespace pigrad
