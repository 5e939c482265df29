#pragma once
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace pigrad {

/// CUDA devices that this process can use: 0 without a driver or a device.
int device_count();

/// "NVIDIA H100, compute 9.0, driver 13.0, runtime 13.0", or "no CUDA device: " and the driver's reason.
std::string describe_device();

/// Bytes of the device's memory that nobody has taken.
std::size_t device_memory_free();

/// Bytes of shared memory that a block may have.
std::size_t most_shared_bytes();

/// Waits for all kernels launched so far. Throws Error with CUDA's words if one of them failed.
void device_synchronize();

namespace detail {
void* device_allocate(std::size_t bytes);
void device_free(void* data) noexcept;
void copy_to_device(void* to, const void* from, std::size_t bytes);
void copy_to_host(void* to, const void* from, std::size_t bytes);
void copy_on_device(void* to, const void* from, std::size_t bytes);
void clear_on_device(void* data, std::size_t bytes);
void* host_allocate(std::size_t bytes);
void host_free(void* data) noexcept;
/// Returns at once: `to`, from host_allocate, has the bytes when device_synchronize() returns.
void copy_to_host_later(void* to, const void* from, std::size_t bytes);
}  // namespace detail

/// A number of plain values in device memory, owned. Copies between host and device wait for the kernels before them.
/// Everything here throws Error where CUDA refuses.
template <class T>
class DeviceArray {
  static_assert(std::is_trivially_copyable_v<T>, "device memory holds plain values");

 public:
  explicit DeviceArray(std::size_t size)
      : size_(size), data_(static_cast<T*>(detail::device_allocate(size * sizeof(T)))) {}
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) { upload(values.data()); }
  DeviceArray(DeviceArray&& other) noexcept : size_(other.size_), data_(other.data_) {
    other.size_ = 0;
    other.data_ = nullptr;
  }
  DeviceArray& operator=(DeviceArray&&) = delete;
  ~DeviceArray() { detail::device_free(data_); }

  std::size_t size() const { return size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  /// Reads size() values from the host.
  void upload(const T* values) { detail::copy_to_device(data_, values, size_ * sizeof(T)); }
  std::vector<T> download() const {
    std::vector<T> values(size_);
    detail::copy_to_host(values.data(), data_, size_ * sizeof(T));
    return values;
  }

 private:
  std::size_t size_;
  T* data_;
};

/// A number of plain values in host memory that the device copies into while the host does something else, owned.
template <class T>
class FetchedArray {
  static_assert(std::is_trivially_copyable_v<T>, "device memory holds plain values");

 public:
  explicit FetchedArray(std::size_t size)
      : size_(size), data_(static_cast<T*>(detail::host_allocate(size * sizeof(T)))) {}
  FetchedArray(const FetchedArray&) = delete;
  FetchedArray& operator=(const FetchedArray&) = delete;
  ~FetchedArray() { detail::host_free(data_); }

  std::size_t size() const { return size_; }
  /// The first `count` values of device memory, there after device_synchronize().
  void fetch_later(const T* device, std::size_t count) { detail::copy_to_host_later(data_, device, count * sizeof(T)); }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  std::size_t size_;
  T* data_;
};

}  // namespace pigrad
