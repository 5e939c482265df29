#include "signals.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace pigrad::app {
namespace {

// A handler can reach nothing but what is static.
volatile std::sig_atomic_t raised = 0;
const char* volatile said = nullptr;

// Calls nothing but what POSIX lets a handler call.
extern "C" void pigrad_note_signal(int number) {
  raised = number;
  const char* const words = said;
  if (words == nullptr) return;
  const int before = errno;
  std::size_t size = 0;
  while (words[size] != '\0') ++size;
  const auto written = ::write(STDERR_FILENO, words, size);
  static_cast<void>(written);
  errno = before;
}

}  // namespace

struct StopSignals::Before {
  struct sigaction interrupt, terminate;
};

StopSignals::StopSignals(const char* words) : before_(new Before) {
  raised = 0;
  said = words;
  struct sigaction action {};
  action.sa_handler = pigrad_note_signal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &before_->interrupt);
  ::sigaction(SIGTERM, &action, &before_->terminate);
}

StopSignals::~StopSignals() {
  ::sigaction(SIGINT, &before_->interrupt, nullptr);
  ::sigaction(SIGTERM, &before_->terminate, nullptr);
  said = nullptr;
  delete before_;
}

void StopSignals::note(int number) const {
  if (raised == 0) pigrad_note_signal(number);
}

int StopSignals::signal() const { return raised; }

const char* StopSignals::name() const { return raised == SIGINT ? "SIGINT" : raised == SIGTERM ? "SIGTERM" : ""; }

int StopSignals::exit_status() const { return raised == 0 ? 0 : 128 + raised; }

void prepare_process() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file)
    if (::fcntl(file, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", file == STDIN_FILENO ? O_RDONLY : O_WRONLY);
}

bool output_reader_is_gone() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

}  // namespace pigrad::app
