#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pigrad::bench {

/// What the command line of a benchmark says.
struct Arguments {
  std::string out;                    ///< --out: folder for NAME.txt and NAME.json; empty writes no file
  bool parity = false;                ///< --parity: check that contenders compute the same and stop there
  int rounds = 9;                     ///< --rounds: interleaved repeats
  double seconds = 0.1;               ///< --seconds: least time of one measurement
  std::vector<int> sizes;             ///< --sizes: batch sizes, each of them one case
  bool cpu_clock = false;             ///< --clock cpu: processor time of the process instead of the time that passed
  std::vector<int> threads = {1, 2};  ///< --threads: of benchmarks that compare threads
  std::string command;                ///< as it was called

  /// Prints a usage line and ends the process with status 0 for --help, 2 for what it does not know.
  static Arguments parse(int argc, char** argv, std::vector<int> sizes = {});
};

/// One of those that are compared: `reset` puts it at its start, outside the timed stretch, `step` is what is timed.
struct Contender {
  std::string name;
  std::function<void()> reset, step;
};

struct Spread {
  double median = 0, least = 0, most = 0;
};
Spread spread(std::vector<double> samples);

/// Seconds of one step, [contender][round]. Contenders take turns, so that a loud neighbour meets all of them. In its
/// turn each takes as many steps as fill `seconds`, goes back to its start every 50 of them, and takes one untimed step
/// there: thousands of steps on the same data would drive probabilities into denormals, which no training sees.
std::vector<std::vector<double>> interleave(const std::vector<Contender>& contenders, const Arguments& arguments);

/// One line of the report: each contender's figure and its ratio to the base's, round by round.
struct Comparison {
  std::string what;
  std::vector<std::string> names;
  std::vector<std::vector<double>> samples;  ///< [contender][round]
  std::size_t base = 0;                      ///< ratios are contender/base
};

/// Prints comparisons as they come, and keeps them as text and JSON with the command, commit, processor and compiler.
class Report {
 public:
  /// @param unit of the samples, e.g. "µs"
  Report(std::string name, const Arguments& arguments, std::string unit, int decimals);
  /// A fact about the whole run, e.g. ("backend", "avx512").
  void fact(const std::string& key, const std::string& value);
  void add(const Comparison& comparison);
  /// Writes NAME.txt and NAME.json into --out.
  void finish();

 private:
  void say(const std::string& line);
  void say_facts();

  std::string name_, unit_, text_, json_rows_;
  Arguments arguments_;
  int decimals_;
  std::vector<std::pair<std::string, std::string>> facts_;
  std::vector<std::string> heading_;
};

}  // namespace pigrad::bench
