#include "signals.hpp"

#include <csignal>

namespace pigrad::app {
namespace {

// A handler can reach nothing but what is static.
volatile std::sig_atomic_t raised = 0;

extern "C" void pigrad_note_signal(int number) { raised = number; }

}  // namespace

struct StopSignals::Before {
  struct sigaction interrupt, terminate;
};

StopSignals::StopSignals() : before_(new Before) {
  raised = 0;
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
  delete before_;
}

int StopSignals::signal() const { return raised; }

const char* StopSignals::name() const { return raised == SIGINT ? "SIGINT" : raised == SIGTERM ? "SIGTERM" : ""; }

int StopSignals::exit_status() const { return raised == 0 ? 0 : 128 + raised; }

}  // namespace pigrad::app
