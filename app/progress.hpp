#pragma once
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "terminal.hpp"

namespace pigrad::app {

/// Shows how far a run is. On a terminal one line, redrawn in place at most ten times a second and cut to the window;
/// elsewhere a plain line at each tenth of the run, or after ten seconds without one. Cheap where there is nothing to
/// show: one look at the clock. What shows something may be called from several threads.
class Progress {
 public:
  /// A run of `epochs`, of which `finished` were done before (after a resume).
  Progress(Display display, int epochs, int finished = 0, std::int64_t steps = 0);
  /// Ends the line, if one is open.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// After each epoch. `steps` counts environment steps since the run began; a return of NaN is left out.
  void update(int epoch, std::int64_t steps, double mean_return = std::numeric_limits<double>::quiet_NaN());
  /// Words that stand where the return would, from now on.
  void note(const std::string& words) { note_ = words; }
  /// Counts something else than epochs, and leaves out the pace of environment steps.
  void count(const std::string& unit) { unit_ = unit; }
  /// Prints a line of its own, above the one that is redrawn. Nothing where quiet.
  void say(const std::string& line);
  /// Draws these lines above the one that is redrawn, in place of those before; nothing where the output is no
  /// terminal. They must fit into the window.
  void picture(std::vector<std::string> lines);
  /// Takes the picture away, shows the last state and ends the line.
  void finish();

  /// Environment steps a second, over about the last ten seconds.
  double rate() const;
  /// Seconds that the remaining epochs will take at the present pace; NaN before the first.
  double seconds_left() const;
  /// The line for a window of so many columns: never wider.
  std::string line(int columns) const;

 private:
  struct Mark {
    double seconds;
    int epoch;
    std::int64_t steps;
  };
  std::string plain_line() const;
  std::string middle(int width) const;
  std::string pace(int width) const;
  void draw();
  void go_up();

  Display display_;
  int epochs_, epoch_;
  std::int64_t steps_;
  double return_ = std::numeric_limits<double>::quiet_NaN();
  std::deque<Mark> marks_;
  std::string note_, unit_ = "epoch";
  double shown_at_;
  int tenth_shown_;
  bool open_ = false, finished_ = false;
  std::vector<std::string> picture_;
  std::size_t rows_above_ = 0;  ///< of the picture, as shown
  std::mutex mutex_;
};

}  // namespace pigrad::app
