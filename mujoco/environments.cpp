#include "environments.hpp"

#include <mujoco/mujoco.h>

#include "dynamics.hpp"
#include "inverted_double_pendulum.hpp"
#include "inverted_pendulum.hpp"

namespace pigrad {
namespace {

template <class Task>
void add(Registry& registry) {
  registry.add(
      Task::spec(), [](int copies) { return std::make_unique<MujocoDynamics<Task, float>>(copies); },
      [](int copies) { return std::make_unique<MujocoDynamics<Task, double>>(copies); });
}

}  // namespace

void add_mujoco(Registry& registry) {
  add<InvertedPendulum>(registry);
  add<InvertedDoublePendulum>(registry);
}

std::string mujoco_version() { return mj_versionString(); }

}  // namespace pigrad
