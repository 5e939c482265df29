#include "devices.hpp"

#include "../core/error.hpp"

#ifdef PIGRAD_HAS_CUDA
#include "../cuda/algorithm.hpp"
#include "../cuda/device.hpp"
#include "../cuda/device_group.hpp"
#endif

namespace pigrad::app {

const std::vector<std::string>& device_names() {
  static const std::vector<std::string> names = {"cpu", "cuda"};
  return names;
}

void take_device(const std::string& device, const Launch& launch) {
#ifdef PIGRAD_HAS_CUDA
  if (device == "cuda") choose_device(launch.place);
#else
  static_cast<void>(device), static_cast<void>(launch);
#endif
}

std::unique_ptr<Algorithm> make_algorithm_on(const std::string& device, const TrainSettings& settings,
                                             const Registry& environments, int ranks) {
  if (device == "cpu") return make_algorithm(settings, environments);
#ifdef PIGRAD_HAS_CUDA
  return make_device_algorithm(settings, environments, ranks);
#else
  static_cast<void>(ranks);
  throw Error("--device", "this program was built without CUDA",
              "build it with -DPIGRAD_CUDA=ON where nvcc is, or use --device cpu");
#endif
}

std::string device_in_words(const std::string& device, int threads, int ranks) {
#ifdef PIGRAD_HAS_CUDA
  if (device == "cuda") return describe_device() + (ranks > 1 ? ", " + describe_nccl() + "," : "");
#else
  static_cast<void>(device), static_cast<void>(ranks);
#endif
  return std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

}  // namespace pigrad::app
