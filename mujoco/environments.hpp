#pragma once
#include <string>

#include "../env/registry.hpp"

namespace pigrad {

/// Adds the environments that MuJoCo computes: InvertedPendulum-v4 and InvertedDoublePendulum-v4. Throws Error if a
/// name is taken.
void add_mujoco(Registry& registry);

/// MuJoCo's own version: "2.2.2".
std::string mujoco_version();

}  // namespace pigrad
