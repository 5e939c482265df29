#include "memory.hpp"

#include <algorithm>
#include <cstdio>

#if defined(_WIN32)
#include <windows.h>
#elif __has_include(<sys/resource.h>)
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace pigrad {

double machine_memory() {
  double least = 0;
  const auto at_most = [&](double bytes) { least = bytes > 0 && least > 0 ? std::min(least, bytes) : least + bytes; };
#if defined(_WIN32)
  MEMORYSTATUSEX status{};
  status.dwLength = sizeof status;
  if (::GlobalMemoryStatusEx(&status)) at_most(static_cast<double>(status.ullTotalPhys));
#elif __has_include(<sys/resource.h>)
  const long pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && size > 0) at_most(static_cast<double>(pages) * static_cast<double>(size));
  rlimit own{};
  if (::getrlimit(RLIMIT_AS, &own) == 0 && own.rlim_cur != RLIM_INFINITY) at_most(static_cast<double>(own.rlim_cur));
#endif
  double container = 0;
  if (std::FILE* file = std::fopen("/sys/fs/cgroup/memory.max", "r")) {
    if (std::fscanf(file, "%lf", &container) == 1) at_most(container);
    std::fclose(file);
  }
  return least;
}

}  // namespace pigrad
