#pragma once
#include <memory>

#include "../rl/algorithm.hpp"

namespace pigrad {

/// The algorithm that settings.algorithm names, trained on the device whole: environments, policy, sampling, estimates,
/// losses, gradients and optimisers. Checkpoints are the processor's own: a run goes from one to the other and back.
/// Throws Error without a device, for settings that have no form there, by name, and, with the figures, where its
/// memory does not suffice.
std::unique_ptr<Algorithm> make_device_algorithm(const TrainSettings& settings, const Registry& environments);

}  // namespace pigrad
