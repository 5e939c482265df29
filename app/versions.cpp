#include "versions.hpp"

#include <Eigen/src/Core/util/Macros.h>

#include <fstream>
#include <pigrad_build_info.hpp>

#include "../core/backend.hpp"
#include "../core/parallel.hpp"
#include "environments.hpp"

namespace pigrad::app {
namespace {

std::string compiler() {
#if defined(__clang__)
  return std::string("clang ") + __clang_version__;
#elif defined(__GNUC__)
  return std::string("gcc ") + __VERSION__;
#else
  return "unknown";
#endif
}

std::string eigen() {
  return std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
         std::to_string(EIGEN_MINOR_VERSION);
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string commit() {
  const std::string hash = PIGRAD_COMMIT;
  if (hash.empty()) return "unknown";
  return PIGRAD_MODIFIED ? hash + "+" : hash;
}

}  // namespace

std::string version() { return PIGRAD_VERSION; }

std::vector<std::pair<std::string, std::string>> versions() {
  return {{"pigrad", version()},
          {"commit", commit()},
          {"build", PIGRAD_BUILD_TYPE},
          {"compiler", compiler()},
          {"eigen", eigen()},
          {"mujoco", mujoco_in_use()},
          {"parallel", parallel_backend()},
          {"isa", find_backend<float>().name},
          {"cpu", processor()},
          {"cores", std::to_string(hardware_threads())}};
}

}  // namespace pigrad::app
