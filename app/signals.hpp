#pragma once

namespace pigrad::app {

/// While one of these lives, the first SIGINT or SIGTERM only raises a flag, so that the epoch can be finished and
/// saved; a second one ends the process at once, as if none had lived. One at a time.
class StopSignals {
 public:
  /// @param words what the first signal says at once, to standard error; must outlive this. Null: nothing
  explicit StopSignals(const char* words = nullptr);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// As if the signal had come to this process; one that has come before counts.
  void note(int number) const;

  bool requested() const { return signal() != 0; }
  /// SIGINT, SIGTERM, or 0 where none came.
  int signal() const;
  /// "SIGINT" or "SIGTERM"; empty where none came.
  const char* name() const;
  /// What the program must return: 130 after SIGINT, 143 after SIGTERM, 0 where none came.
  int exit_status() const;

 private:
  struct Before;
  Before* before_;
};

/// For main() to begin with. A reader of the output that goes away and a file that grew too large are errors of the
/// write that meets them, not signals that end the process; and where standard input, output or error is closed, it is
/// /dev/null, so that no file of a run gets its number and what is meant for it.
void prepare_process();

/// Standard output is a pipe or socket that nobody reads any more.
bool output_reader_is_gone();

}  // namespace pigrad::app
