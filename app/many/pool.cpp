#include "pool.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include "../../core/error.hpp"

namespace pigrad::app {
namespace {

// Between fork and exec only calls that are safe in a signal handler are made.
[[noreturn]] void become(const std::vector<char*>& words, int log, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv(words[0], words.data());
  ::_exit(127);
}

}  // namespace

std::string own_program() {
  std::error_code fault;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", fault);
  if (fault) throw Error("pigrad", "the program does not find itself (" + fault.message() + ")", "mount /proc");
  return path.string();
}

Pool::~Pool() {
  signal(SIGTERM);
  for (const One& one : running_) ::waitpid(one.id, nullptr, 0);
}

void Pool::start(int tag, const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) throw Error(log, std::string("the file cannot be made (") + std::strerror(errno) + ")", "look there");
  const pid_t parent = ::getpid(), id = ::fork();
  if (id == 0) become(pointers, file, parent);
  const int fault = errno;
  ::close(file);
  if (id < 0)
    throw Error("processes", std::string("none can be started (") + std::strerror(fault) + ")", "give fewer --jobs");
  running_.push_back({tag, id});
}

std::optional<Pool::Ended> Pool::ended() {
  for (auto one = running_.begin(); one != running_.end(); ++one) {
    int status = 0;
    if (::waitpid(one->id, &status, WNOHANG) <= 0) continue;
    const Ended result{one->tag, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
    running_.erase(one);
    return result;
  }
  return std::nullopt;
}

void Pool::signal(int number) const {
  for (const One& one : running_) ::kill(one.id, number);
}

std::vector<int> Pool::tags() const {
  std::vector<int> all;
  for (const One& one : running_) all.push_back(one.tag);
  return all;
}

FolderLock::FolderLock(const std::string& folder, double seconds) {
  // Not closed on exec: the processes that are started hold it too.
  file_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (file_ < 0 || ::access(folder.c_str(), W_OK) != 0)
    throw Error(folder, std::string("the folder cannot be written (") + std::strerror(errno) + ")",
                "give another with --out, in a place where you may write");
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() > end) {
      ::close(file_);
      throw Error(folder, "another process is at work there", "wait for it, or give another folder with --out");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace pigrad::app
