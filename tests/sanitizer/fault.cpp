#include <cstdio>
#include <cstdlib>
#include <pigrad/core/parallel.hpp>
#include <vector>

/// Commits the fault that this build's sanitizer is there to report; a test looks for the report.
int main(int argc, char**) {
#if defined(PIGRAD_FAULT_address)
  std::vector<int> values(8, 1);
  if (argc == 1) return values.data()[8 * argc];
  // With an argument: memory that nobody frees.
  volatile auto* lost = new int[100];
  lost[argc] = 1;
  lost = nullptr;
#elif defined(PIGRAD_FAULT_undefined)
  int value = 0x7fffffff;
  value += argc;
  std::printf("%d\n", value);
#elif defined(PIGRAD_FAULT_thread)
  long sum = 0;
  pigrad::parallel_for(4, 1000 * argc, [&](int index, int) { sum += index; });
  std::printf("%ld\n", sum);
#endif
  return EXIT_SUCCESS;
}
