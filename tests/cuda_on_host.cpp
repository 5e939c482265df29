#include <atomic>
#include <cstdlib>
#include <cstring>
#include <pigrad/core/error.hpp>
#include <pigrad/cuda/device.hpp>
#include <pigrad/cuda/device_group.hpp>
#include <pigrad/cuda/graph.hpp>
#include <pigrad/cuda/launch.cuh>
#include <vector>

// cuda/device.hpp and cuda/graph.hpp in host memory, for kernels that were compiled as loops (cuda/launch.cuh).
namespace pigrad {
namespace {

/// Stands before each piece of memory.
struct alignas(64) Piece {
  std::size_t bytes;
};
std::atomic<std::size_t> taken = 0;

/// What a DeviceGraph that is being recorded has so far; null while none is.
using Work = std::vector<std::function<void()>>;
thread_local Work* recording = nullptr;

/// As CUDA does.
void refuse_to_wait() {
  require(!recording, "recording", "it waits for the device, or takes its memory", "do so before");
}

}  // namespace

int device_count() { return 1; }
std::string describe_device() { return "this processor, in a device's place"; }
std::size_t device_memory_free() { return (std::size_t{1} << 31) - taken; }
void device_synchronize() { refuse_to_wait(); }

std::size_t most_shared_bytes() { return std::size_t{227} << 10; }

namespace detail {

void* device_allocate(std::size_t bytes) {
  constexpr std::size_t most = std::size_t{1} << 36;
  if (bytes == 0) return nullptr;
  refuse_to_wait();
  auto* piece = bytes <= most ? static_cast<Piece*>(std::malloc(sizeof(Piece) + bytes)) : nullptr;
  require(piece != nullptr, "DeviceArray", "out of memory", "ask for less");
  piece->bytes = bytes;
  std::memset(piece + 1, 0xff, bytes);  // NaN and -1: what is read before it is written shows
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
  refuse_to_wait();
  if (bytes > 0) std::memcpy(to, from, bytes);
}
void copy_to_host(void* to, const void* from, std::size_t bytes) { copy_to_device(to, from, bytes); }
void copy_on_device(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) run_in_place_of_device([=] { std::memcpy(to, from, bytes); });
}
void copy_to_host_later(void* to, const void* from, std::size_t bytes) { copy_on_device(to, from, bytes); }
void clear_on_device(void* data, std::size_t bytes) {
  if (bytes > 0) run_in_place_of_device([=] { std::memset(data, 0, bytes); });
}
void* host_allocate(std::size_t bytes) { return std::malloc(bytes); }
void host_free(void* data) noexcept { std::free(data); }

void run_in_place_of_device(std::function<void()> work) {
  if (recording)
    recording->push_back(std::move(work));
  else
    work();
}

}  // namespace detail

namespace {

/// In NCCL's place: each call is one more piece of work.
class HostGroup final : public DeviceGroup {
 public:
  explicit HostGroup(Group& group) : group_(&group) {}
  int rank() const override { return group_->rank(); }
  int size() const override { return group_->size(); }
  bool capturable() const override { return true; }
  void wait() override { device_synchronize(); }
  void all_gather(const void* piece, void* all, std::size_t bytes) override {
    detail::run_in_place_of_device([this, piece, all, bytes] {
      std::vector<std::size_t> begins;
      for (int r = 0; r <= size(); ++r) begins.push_back(bytes * static_cast<std::size_t>(r));
      if (bytes > 0) std::memcpy(static_cast<char*>(all) + begins[static_cast<std::size_t>(rank())], piece, bytes);
      group_->gather(all, begins);
    });
  }

 private:
  Group* group_;
};

}  // namespace

std::unique_ptr<DeviceGroup> make_device_group(Group& group) { return std::make_unique<HostGroup>(group); }
std::string describe_nccl() { return "messages of processes in NCCL's place"; }
void choose_device(int) {}
struct DeviceGraph::Impl {
  Work work;
};
DeviceGraph::DeviceGraph() = default;
DeviceGraph::~DeviceGraph() = default;

void DeviceGraph::record(const std::function<void()>& work) {
  impl_.reset();
  auto impl = std::make_unique<Impl>();
  recording = &impl->work;
  try {
    work();
  } catch (...) {
    recording = nullptr;
    throw;
  }
  recording = nullptr;
  impl_ = std::move(impl);
}

void DeviceGraph::launch() {
  require(recorded(), "DeviceGraph", "nothing was recorded", "record first");
  for (const auto& work : impl_->work) work();
}

void DeviceGraph::forget() { impl_.reset(); }

}  // namespace pigrad
