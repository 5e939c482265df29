#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <pigrad/core/aligned.hpp>

#include "bound.hpp"
#include "programs.hpp"

using namespace pigrad;
using namespace pigrad_test;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PIGRAD_MALLOC_IS_TAKEN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PIGRAD_MALLOC_IS_TAKEN
#endif

#if defined(__GLIBC__) && !defined(PIGRAD_MALLOC_IS_TAKEN)

namespace {
std::atomic<long> allocations{0};
}

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
}

TEST_CASE("the counter counts") {
  const long before = allocations;
  const Aligned<double> empty;
  Aligned<double> full;
  full.reserve(100);
  const std::vector<double> ordinary(static_cast<std::size_t>(full.size()), 1.0);
  const long made = allocations - before;
  CHECK(made == 2);
  CHECK(ordinary.back() == 1 + full.data()[99]);
  CHECK(empty.size() == 0);
}

TEST_CASE_TEMPLATE("a steady run allocates nothing on the heap", T, float, double) {
  auto programs = row_local_programs();
  programs.push_back({"normalised", normalised_program()});
  for (const NamedProgram& it : programs)
    for (const int threads : {1, 2}) {
      constexpr int rows = 700;
      Bound<T> bound(it.program, rows);
      Workspace<T> workspace(it.program);
      std::vector<T> gradient(bound.size), all(bound.size * rows), norms(rows);
      const auto update = [&](int count) {
        bound.bindings.rows(count);
        const RunOptions options{.threads = threads, .check = count == 500};
        workspace.run(bound.bindings, Sink<T>::sum(gradient.data()), options);
        workspace.run(bound.bindings, Sink<T>::none(), options);
        if (it.program.row_mixing()) return;
        workspace.run(bound.bindings, Sink<T>::rows(all.data()), options);
        workspace.run(bound.bindings, Sink<T>::norm(norms.data()), options);
        workspace.run(bound.bindings, Sink<T>::dot(bound.parameters.data(), norms.data()), options);
      };
      for (const int count : {rows, 500}) update(count);
      const long before = allocations;
      for (const int count : {rows, 1, 97, 500, rows}) update(count);
      const long made = allocations - before;
      CAPTURE(it.name);
      CAPTURE(threads);
      CHECK(made == 0);
    }
}

#endif
