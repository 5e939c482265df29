#pragma once
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace pigrad::bench {

/// Something to time: `run` does the work once.
struct Contender {
  std::string name;
  std::function<void()> run;
};

/// Seconds of one run: the median, the first and third quartile, and the least.
struct Timing {
  double median = 0, low = 0, high = 0, best = 0;
};

/// Seconds that this thread has spent on a core: what others do on the machine meanwhile is not counted.
inline double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

inline double seconds(const std::function<void()>& run, int times) {
  const double begin = thread_seconds();
  for (int i = 0; i < times; ++i) run();
  return (thread_seconds() - begin) / times;
}

/// Times every contender in each of `rounds` rounds, one after the other, so that a slow moment of the machine hits all
/// alike. Each turn repeats until it lasts about `turn` seconds.
inline std::vector<Timing> interleaved(const std::vector<Contender>& contenders, int rounds = 9, double turn = 0.02) {
  std::vector<int> times;
  for (const Contender& c : contenders) {
    c.run();
    times.push_back(std::max(1, static_cast<int>(turn / std::max(1e-9, seconds(c.run, 3)))));
  }
  std::vector<std::vector<double>> taken(contenders.size());
  for (int r = 0; r < rounds; ++r)
    for (std::size_t i = 0; i < contenders.size(); ++i) taken[i].push_back(seconds(contenders[i].run, times[i]));
  std::vector<Timing> all;
  for (std::vector<double>& t : taken) {
    std::sort(t.begin(), t.end());
    all.push_back({t[t.size() / 2], t[t.size() / 4], t[t.size() - 1 - t.size() / 4], t.front()});
  }
  return all;
}

/// The line of /proc/cpuinfo that names the processor; empty where there is none.
inline std::string processor() {
  std::string model;
  if (std::FILE* f = std::fopen("/proc/cpuinfo", "r")) {
    char line[256];
    while (model.empty() && std::fgets(line, sizeof line, f))
      if (std::string(line).rfind("model name", 0) == 0)
        model = std::string(line).substr(std::string(line).find(':') + 2);
    std::fclose(f);
  }
  while (!model.empty() && model.back() == '\n') model.pop_back();
  return model;
}

/// Command, processor and compiler: the head of every kept result.
inline void print_head(int argc, char** argv) {
  std::printf("#");
  for (int i = 0; i < argc; ++i) {
    const std::string word = argv[i];
    std::printf(" %s", (i == 0 ? word.substr(word.rfind('/') + 1) : word).c_str());
  }
  std::printf("\n# %s\n# %s %s\n", processor().c_str(),
#if defined(__clang__)
              "clang", __clang_version__
#else
              "g++", __VERSION__
#endif
  );
}

}  // namespace pigrad::bench
