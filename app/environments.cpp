#include "environments.hpp"

#ifdef PIGRAD_HAS_MUJOCO
#include "../mujoco/environments.hpp"
#endif

namespace pigrad::app {

Registry all_environments() {
  Registry registry = Registry::builtin();
#ifdef PIGRAD_HAS_MUJOCO
  add_mujoco(registry);
#else
  for (const char* name : {"InvertedPendulum-v4", "InvertedDoublePendulum-v4"})
    registry.add_absent(name, "this build has no MuJoCo, which computes it",
                        "install libmujoco-dev (apt-get install libmujoco-dev), then ./pigrad build");
#endif
  return registry;
}

std::string mujoco_in_use() {
#ifdef PIGRAD_HAS_MUJOCO
  return mujoco_version();
#else
  return "none";
#endif
}

}  // namespace pigrad::app
