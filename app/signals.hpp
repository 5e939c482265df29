#pragma once

namespace pigrad::app {

/// While one of these lives, the first SIGINT or SIGTERM only raises a flag, so that the epoch can be finished and
/// saved; a second one ends the process at once, as if none had lived. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

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

}  // namespace pigrad::app
