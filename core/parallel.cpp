#include "parallel.hpp"

#include <algorithm>
#include <exception>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace pigrad {

void parallel_for(int threads, int count, void (*body)(void*, int, int), void* context) {
  threads = std::min(threads, count);
#ifdef _OPENMP
  if (threads > 1) {
    std::exception_ptr first;
    int first_index = count;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int i = 0; i < count; ++i) {
      try {
        body(context, i, omp_get_thread_num());
      } catch (...) {
#pragma omp critical(pigrad_parallel_for)
        if (i < first_index) {
          first_index = i;
          first = std::current_exception();
        }
      }
    }
    if (first) std::rethrow_exception(first);
    return;
  }
#endif
  for (int i = 0; i < count; ++i) body(context, i, 0);
}

int hardware_threads() {
#ifdef _OPENMP
  return omp_get_num_procs();
#else
  return 1;
#endif
}

const char* parallel_backend() {
#ifdef _OPENMP
  return "OpenMP";
#else
  return "none";
#endif
}

}  // namespace pigrad
