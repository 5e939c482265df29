#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace pigrad::bench {

/// What a worker's command line asks for: WORK [--threads N] [--copies N] [--epochs N] [--seed N].
struct Task {
  std::string work;
  int threads = 1;
  int copies = 1;
  int epochs = 1;  ///< of a loop, or calls of something shorter: how much a round times
  std::int64_t seed = 1;
};

/// One measurement: the figure in its work's own unit.
using Round = std::function<double()>;

struct Work {
  std::string name;
  std::function<Round(const Task&)> make;
};

/// A process that measures when it is told to, so that contenders in processes of their own can take turns. Its
/// protocol is that of bench/compare/workers.py: one line of JSON {"ready": FACTS} once it is set up, then for each
/// line on standard input one {"value": FIGURE}, until the input ends.
/// @return the exit status, 2 after a line on standard error where something is wrong
int serve(int argc, char** argv, const std::vector<Work>& works, const std::map<std::string, std::string>& facts);

/// Seconds that `run` takes by a clock that never jumps.
double seconds_of(const std::function<void()>& run);

}  // namespace pigrad::bench
