#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <pigrad/app/signals.hpp>
#include <string>

using pigrad::app::StopSignals;

TEST_CASE("the first signal raises the flag and no more") {
  for (const int number : {SIGINT, SIGTERM}) {
    const StopSignals stop;
    CHECK_FALSE(stop.requested());
    CHECK(stop.exit_status() == 0);
    std::raise(number);
    CHECK(stop.requested());
    CHECK(stop.exit_status() == (number == SIGINT ? 130 : 143));
    CHECK(std::string(stop.name()) == (number == SIGINT ? "SIGINT" : "SIGTERM"));
  }
}

TEST_CASE("a second signal ends the process, and so does one after the guard") {
  for (const bool guarded : {true, false}) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::signal(SIGINT, SIG_DFL);
      {
        const StopSignals stop;
        std::raise(SIGINT);
        if (guarded) std::raise(SIGINT);
      }
      if (!guarded) std::raise(SIGINT);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGINT);
  }
}
