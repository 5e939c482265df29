#include <cstdlib>
#include <cstring>
#include <pigrad/core/error.hpp>
#include <pigrad/cuda/device.hpp>

// cuda/device.hpp in host memory, for kernels that were compiled as loops (cuda/launch.cuh).
namespace pigrad {

int device_count() { return 1; }
std::string describe_device() { return "this processor, in a device's place"; }
std::size_t device_memory_free() { return std::size_t{1} << 31; }
void device_synchronize() {}

namespace detail {

void* device_allocate(std::size_t bytes) {
  constexpr std::size_t most = std::size_t{1} << 36;
  void* data = bytes <= most ? std::malloc(bytes) : nullptr;
  require(data != nullptr || bytes == 0, "DeviceArray", "out of memory", "ask for less");
  return data;
}
void device_free(void* data) noexcept { std::free(data); }
void copy_to_device(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}
void copy_to_host(void* to, const void* from, std::size_t bytes) { copy_to_device(to, from, bytes); }
void copy_on_device(void* to, const void* from, std::size_t bytes) { copy_to_device(to, from, bytes); }
void clear_on_device(void* data, std::size_t bytes) {
  if (bytes > 0) std::memset(data, 0, bytes);
}

}  // namespace detail
}  // namespace pigrad
