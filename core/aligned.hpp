#pragma once
#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace pigrad {

/// Memory that begins where a line of the cache does.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::size_t line = 64;
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t size) {
    const std::size_t bytes = (size * sizeof(T) + line - 1) / line * line;
    return static_cast<T*>(::operator new(bytes, std::align_val_t(line)));
  }
  void deallocate(T* data, std::size_t) { ::operator delete(data, std::align_val_t(line)); }
  bool operator==(const AlignedAllocator&) const { return true; }
};
template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

/// Zeroed scalars on a 64-byte boundary. Grows when asked for more, never shrinks, so that steady use allocates
/// nothing.
template <class T>
class Aligned {
 public:
  Aligned() = default;
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  Aligned(Aligned&& other) noexcept { swap(other); }
  Aligned& operator=(Aligned&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Aligned() { AlignedAllocator<T>().deallocate(data_, size_); }

  /// Makes room for `size` scalars; all are zero if it had to grow.
  void reserve(std::size_t size) {
    if (size <= size_) return;
    T* fresh = AlignedAllocator<T>().allocate(size);
    AlignedAllocator<T>().deallocate(data_, size_);
    data_ = fresh;
    for (std::size_t i = 0; i < size; ++i) data_[i] = T(0);
    size_ = size;
  }
  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  void swap(Aligned& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pigrad
