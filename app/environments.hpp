#pragma once
#include <string>

#include "../env/registry.hpp"

namespace pigrad::app {

/// Every environment of this program: the library's own, and MuJoCo's. Where the program was built without MuJoCo,
/// asking for one of its environments says so.
Registry all_environments();

/// The version of MuJoCo in this program: "2.2.2", or "none".
std::string mujoco_in_use();

}  // namespace pigrad::app
