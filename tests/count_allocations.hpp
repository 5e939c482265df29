#pragma once
#include <atomic>
#include <cstdlib>
#include <new>

// Counts calls of the global operator new. Include it in the one source of a test.

namespace pigrad_test {

inline std::atomic<std::size_t> allocations{0};

inline void* counted(std::size_t size) noexcept {
  ++allocations;
  return std::malloc(size);
}

inline void* counted_aligned(std::size_t size, std::align_val_t alignment) noexcept {
  ++allocations;
  const auto step = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(step, (size + step - 1) / step * step);
}

// Kept out of line, or the compiler takes the pair of new and free for a mistake.
[[gnu::noinline]] inline void release(void* memory) noexcept { std::free(memory); }

inline void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace pigrad_test

void* operator new(std::size_t size) { return pigrad_test::or_throw(pigrad_test::counted(size)); }
void* operator new[](std::size_t size) { return pigrad_test::or_throw(pigrad_test::counted(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return pigrad_test::counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return pigrad_test::counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return pigrad_test::or_throw(pigrad_test::counted_aligned(size, alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return pigrad_test::or_throw(pigrad_test::counted_aligned(size, alignment));
}
void operator delete(void* memory) noexcept { pigrad_test::release(memory); }
void operator delete[](void* memory) noexcept { pigrad_test::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { pigrad_test::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { pigrad_test::release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { pigrad_test::release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { pigrad_test::release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { pigrad_test::release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { pigrad_test::release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { pigrad_test::release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { pigrad_test::release(memory); }
