#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// Loaded before a program (LD_PRELOAD): counts the calls with which it changes files, and at the Nth, by PIGRAD_STOP,
//   "kill N"  ends it with SIGKILL instead;
//   "half N"  the same, after half of the bytes if it is a write;
//   "full N"  is a full disk from there on: half of the bytes, then ENOSPC for whatever needs room.
// What goes to standard output and standard error is not counted.

namespace {

struct Stop {
  char what = 0;
  long at = 0;
  Stop() {
    const char* words = std::getenv("PIGRAD_STOP");
    if (words == nullptr) return;
    what = words[0];
    at = std::atol(std::strchr(words, ' '));
  }
};

enum class Turn { go_on, half, refuse };

/// Counts a change; whether it may go on.
Turn change(bool is_write, bool needs_room) {
  static const Stop stop;
  static std::atomic<long> count{0};
  const long now = ++count;
  if (stop.what == 0 || now < stop.at) return Turn::go_on;
  if (stop.what == 'f') {
    if (!needs_room) return Turn::go_on;
    return is_write && now == stop.at ? Turn::half : Turn::refuse;
  }
  if (stop.what == 'h' && is_write) return Turn::half;
  ::kill(::getpid(), SIGKILL);
  return Turn::refuse;
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

template <class Result>
Result no_room() {
  errno = ENOSPC;
  return static_cast<Result>(-1);
}

bool ends() {
  const char* words = std::getenv("PIGRAD_STOP");
  return words != nullptr && words[0] == 'h';
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list more;
    va_start(more, flags);
    mode = static_cast<mode_t>(va_arg(more, int));
    va_end(more);
    if (change(false, true) == Turn::refuse) return no_room<int>();
  }
  static const auto next = real<int (*)(const char*, int, mode_t)>("open");
  return next(path, flags, mode);
}

ssize_t write(int file, const void* bytes, size_t size) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
  if (file <= STDERR_FILENO) return next(file, bytes, size);
  const Turn turn = change(true, true);
  if (turn == Turn::refuse) return no_room<ssize_t>();
  if (turn == Turn::go_on) return next(file, bytes, size);
  const ssize_t written = next(file, bytes, size / 2);
  if (ends()) ::kill(::getpid(), SIGKILL);
  return written;
}

int fsync(int file) {
  static const auto next = real<int (*)(int)>("fsync");
  return change(false, true) == Turn::refuse ? no_room<int>() : next(file);
}

int ftruncate(int file, off_t size) {
  static const auto next = real<int (*)(int, off_t)>("ftruncate");
  return change(false, false) == Turn::refuse ? no_room<int>() : next(file, size);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto next = real<int (*)(const char*, mode_t)>("mkdir");
  return change(false, true) == Turn::refuse ? no_room<int>() : next(path, mode);
}

int link(const char* from, const char* to) noexcept {
  static const auto next = real<int (*)(const char*, const char*)>("link");
  return change(false, true) == Turn::refuse ? no_room<int>() : next(from, to);
}

int rename(const char* from, const char* to) noexcept {
  static const auto next = real<int (*)(const char*, const char*)>("rename");
  return change(false, false) == Turn::refuse ? no_room<int>() : next(from, to);
}

int unlink(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("unlink");
  return change(false, false) == Turn::refuse ? no_room<int>() : next(path);
}

int remove(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("remove");
  return change(false, false) == Turn::refuse ? no_room<int>() : next(path);
}

}  // extern "C"
