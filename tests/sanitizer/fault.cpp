#include <cstdio>
#include <cstdlib>
#include <pigrad/core/parallel.hpp>
#include <string>
#include <vector>

/// fault NAME: commits the fault that a sanitizer is there to report; a test looks for the report.
int main(int argc, char** argv) {
  const std::string fault = argc == 2 ? argv[1] : "";
  if (fault == "address") {
    std::vector<int> values(8, 1);
    return values.data()[4 * argc];
  }
  if (fault == "leak") {
    volatile auto* lost = new int[100];
    lost[argc] = 1;
    lost = nullptr;
  } else if (fault == "undefined") {
    int value = 0x7fffffff;
    value += argc;
    std::printf("%d\n", value);
  } else if (fault == "thread") {
    long sum = 0;
    pigrad::parallel_for(4, 1000 * argc, [&](int index, int) { sum += index; });
    std::printf("%ld\n", sum);
  } else {
    std::fprintf(stderr, "fault: \"%s\" is none\n", fault.c_str());
    return 2;
  }
  return EXIT_SUCCESS;
}
