#include "device.hpp"

#include "check.cuh"

namespace pigrad {
namespace {

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace

int device_count() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

std::string describe_device() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) return std::string("no CUDA device: ") + cudaGetErrorString(status);
  if (count == 0) return "no CUDA device: the driver lists none";
  int device = 0, driver = 0, runtime = 0;
  cudaDeviceProp properties{};
  check_cuda(cudaGetDevice(&device), "device");
  check_cuda(cudaGetDeviceProperties(&properties, device), "device");
  check_cuda(cudaDriverGetVersion(&driver), "device");
  check_cuda(cudaRuntimeGetVersion(&runtime), "device");
  return std::string(properties.name) + ", compute " + std::to_string(properties.major) + "." +
         std::to_string(properties.minor) + ", driver " + version_text(driver) + ", runtime " + version_text(runtime);
}

std::size_t device_memory_free() {
  std::size_t free = 0, total = 0;
  check_cuda(cudaMemGetInfo(&free, &total), "device");
  return free;
}

void device_synchronize() { check_cuda(cudaDeviceSynchronize(), "device_synchronize"); }

cudaStream_t device_stream() {
  thread_local const cudaStream_t stream = [] {
    cudaStream_t made = nullptr;
    check_cuda(cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking), "device_stream");
    return made;
  }();
  return stream;
}

std::size_t most_shared_bytes() {
  int device = 0, bytes = 0;
  check_cuda(cudaGetDevice(&device), "device");
  check_cuda(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device), "device");
  return static_cast<std::size_t>(bytes);
}

namespace detail {

void* device_allocate(std::size_t bytes) {
  void* data = nullptr;
  if (bytes > 0) check_cuda(cudaMalloc(&data, bytes), "DeviceArray");
  return data;
}

void device_free(void* data) noexcept { static_cast<void>(cudaFree(data)); }

void* host_allocate(std::size_t bytes) {
  void* data = nullptr;
  if (bytes > 0) check_cuda(cudaMallocHost(&data, bytes), "FetchedArray");
  return data;
}

void host_free(void* data) noexcept { static_cast<void>(cudaFreeHost(data)); }

namespace {

/// Ordered among the kernels, which run in the same stream.
void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, bool wait) {
  if (bytes == 0) return;
  check_cuda(cudaMemcpyAsync(to, from, bytes, kind, device_stream()), "DeviceArray");
  if (wait) check_cuda(cudaStreamSynchronize(device_stream()), "DeviceArray");
}

}  // namespace

void copy_to_device(void* to, const void* from, std::size_t bytes) {
  copy(to, from, bytes, cudaMemcpyHostToDevice, true);
}
void copy_to_host(void* to, const void* from, std::size_t bytes) {
  copy(to, from, bytes, cudaMemcpyDeviceToHost, true);
}
void copy_on_device(void* to, const void* from, std::size_t bytes) {
  copy(to, from, bytes, cudaMemcpyDeviceToDevice, false);
}
void copy_to_host_later(void* to, const void* from, std::size_t bytes) {
  copy(to, from, bytes, cudaMemcpyDeviceToHost, false);
}
void clear_on_device(void* data, std::size_t bytes) {
  if (bytes > 0) check_cuda(cudaMemsetAsync(data, 0, bytes, device_stream()), "DeviceArray");
}

}  // namespace detail
}  // namespace pigrad
