#pragma once
#include <memory>
#include <type_traits>

namespace pigrad {

/// Runs body(index, worker) once for each index in [0, count), on at most `threads` threads (OpenMP where built in, one
/// otherwise). Indices are dealt in contiguous runs; `worker` is in [0, threads) and names the thread's own scratch.
/// Which thread runs an index must not change any result: sum into a slot of the index, never of the worker.
/// The exception of the lowest index that threw is rethrown after all have ended.
void parallel_for(int threads, int count, void (*body)(void* context, int index, int worker), void* context);

template <class Body>
void parallel_for(int threads, int count, Body&& body) {
  using Fn = std::remove_reference_t<Body>;
  parallel_for(
      threads, count, [](void* context, int index, int worker) { (*static_cast<Fn*>(context))(index, worker); },
      const_cast<void*>(static_cast<const void*>(std::addressof(body))));
}

/// Cores that this process may use; 1 where the build has no OpenMP.
int hardware_threads();

/// "OpenMP" or "none": for run records.
const char* parallel_backend();

}  // namespace pigrad
