#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../rl/algorithm.hpp"
#include "launch.hpp"

namespace pigrad::app {

/// What --device may name: "cpu", "cuda".
const std::vector<std::string>& device_names();
/// This process of a job takes its own among the machine's devices of that name. Before all else that is asked of one.
void take_device(const std::string& device, const Launch& launch);
/// make_algorithm for a device by name. Throws Error where this build or this machine lacks it.
/// @param ranks above 1: so many processes will share it (Algorithm::share) before its first epoch
std::unique_ptr<Algorithm> make_algorithm_on(const std::string& device, const TrainSettings& settings,
                                             const Registry& environments, int ranks = 1);
/// "2 threads", or what the GPU calls itself, and how several ranks' are linked.
std::string device_in_words(const std::string& device, int threads, int ranks);

}  // namespace pigrad::app
