#include <atomic>
#include <cstdlib>
#include <cstring>
#include <pigrad/core/error.hpp>
#include <pigrad/cuda/device.hpp>
#include <pigrad/cuda/device_group.hpp>

// cuda/device.hpp in host memory, for kernels that were compiled as loops (cuda/launch.cuh).
namespace pigrad {
namespace {

/// Stands before each piece of memory.
struct alignas(64) Piece {
  std::size_t bytes;
};
std::atomic<std::size_t> taken = 0;

}  // namespace

int device_count() { return 1; }
std::string describe_device() { return "this processor, in a device's place"; }
std::size_t device_memory_free() { return (std::size_t{1} << 31) - taken; }
void device_synchronize() {}

namespace detail {

void* device_allocate(std::size_t bytes) {
  constexpr std::size_t most = std::size_t{1} << 36;
  if (bytes == 0) return nullptr;
  auto* piece = bytes <= most ? static_cast<Piece*>(std::malloc(sizeof(Piece) + bytes)) : nullptr;
  require(piece != nullptr, "DeviceArray", "out of memory", "ask for less");
  piece->bytes = bytes;
  taken += bytes;
  return piece + 1;
}
void device_free(void* data) noexcept {
  if (!data) return;
  auto* piece = static_cast<Piece*>(data) - 1;
  taken -= piece->bytes;
  std::free(piece);
}
void copy_to_device(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}
void copy_to_host(void* to, const void* from, std::size_t bytes) { copy_to_device(to, from, bytes); }
void copy_on_device(void* to, const void* from, std::size_t bytes) { copy_to_device(to, from, bytes); }
void clear_on_device(void* data, std::size_t bytes) {
  if (bytes > 0) std::memset(data, 0, bytes);
}

}  // namespace detail

std::unique_ptr<DeviceGroup> make_device_group(Group& group) { return make_staged_group(group); }
std::string describe_nccl() { return "messages of processes in NCCL's place"; }
void choose_device(int) {}

}  // namespace pigrad
