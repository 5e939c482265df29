#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace pigrad::app {

/// The program that is running, to be run again.
std::string own_program();

/// Processes side by side, each in a group of its own, so that a terminal's Ctrl-C reaches only who started them. They
/// are asked to stop (SIGTERM) if that one dies.
class Pool {
 public:
  struct Ended {
    int tag = 0;
    int status = 0;  ///< what it returned, or 128 + the signal that ended it
  };

  Pool() = default;
  ~Pool();  ///< asks those that run to stop, and waits for them
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Starts words[0] with the other words; its output and errors go to the file `log`. Throws Error if it cannot.
  void start(int tag, const std::vector<std::string>& words, const std::string& log);
  /// One that has ended, if any has. Does not wait.
  std::optional<Ended> ended();
  /// Sends each of them a signal.
  void signal(int number) const;
  int running() const { return static_cast<int>(running_.size()); }
  std::vector<int> tags() const;

 private:
  struct One {
    int tag;
    pid_t id;
  };
  std::vector<One> running_;
};

/// A folder that one process and what it starts have for themselves, for as long as one of them lives.
class FolderLock {
 public:
  /// Waits up to `seconds` for another to end. Throws Error if it does not, or the folder cannot be written.
  FolderLock(const std::string& folder, double seconds);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace pigrad::app
