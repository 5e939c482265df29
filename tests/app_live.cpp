#include <fcntl.h>
#include <sys/ioctl.h>

#include <pigrad/app/progress.hpp>
#include <sstream>

#include "program.hpp"

using namespace pigrad_test;
using pigrad::app::Display;
using pigrad::app::Progress;

namespace {

/// What a terminal shows of a text: the codes that Progress uses, no others.
std::vector<std::string> screen_of(const std::string& text) {
  std::vector<std::string> rows(1);
  std::size_t row = 0, column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      column = 0;
    } else if (text[i] == '\n') {
      column = 0;
      if (++row == rows.size()) rows.emplace_back();
    } else if (text[i] == '\x1b') {
      REQUIRE(text[i + 1] == '[');
      std::size_t number = 0;
      for (i += 2; text[i] >= '0' && text[i] <= '9'; ++i)
        number = 10 * number + static_cast<std::size_t>(text[i] - '0');
      if (text[i] == 'A') {
        REQUIRE(number <= row);
        row -= number;
      } else {
        REQUIRE((text[i] == 'K' || text[i] == 'J'));
        rows[row].resize(std::min(rows[row].size(), column));
        if (text[i] == 'J') rows.resize(row + 1);
      }
    } else {
      if (rows[row].size() <= column) rows[row].resize(column + 1, ' ');
      rows[row][column++] = text[i];
    }
  }
  return rows;
}

struct Shown {
  std::ostringstream out;
  double now = 100;
  Display display() {
    return {&out, true, false, false, [] { return 60; }, [this] { return now; }, [] { return 24; }};
  }
  std::vector<std::string> rows() const { return screen_of(out.str()); }
};

/// `pigrad WORDS...` in a terminal of this size; what it wrote there.
std::string in_terminal(const Folder& folder, const Words& words, unsigned short rows, unsigned short columns) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(master >= 0);
  REQUIRE((::grantpt(master) == 0 && ::unlockpt(master) == 0));
  const winsize size{rows, columns, 0, 0};
  ::ioctl(master, TIOCSWINSZ, &size);
  std::vector<const char*> arguments = {PIGRAD_PROGRAM};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  arguments.push_back(nullptr);
  const std::string name = ::ptsname(master);
  const pid_t id = ::fork();
  if (id == 0) {
    ::setsid();
    const int slave = ::open(name.c_str(), O_RDWR);
    ::dup2(slave, STDOUT_FILENO);
    ::dup2(slave, STDERR_FILENO);
    ::setenv("TERM", "xterm", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    if (::chdir(folder.path().c_str()) != 0) ::_exit(126);
    ::execv(PIGRAD_PROGRAM, const_cast<char* const*>(arguments.data()));
    ::_exit(127);
  }
  std::string text;
  char some[4096];
  for (ssize_t count; (count = ::read(master, some, sizeof some)) > 0 || (count < 0 && errno == EINTR);)
    text.append(some, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  int status = 0;
  ::waitpid(id, &status, 0);
  ::close(master);
  CHECK(status == 0);
  return text;
}

}  // namespace

TEST_CASE("a picture stands above the line, and lines that are said above both") {
  Shown shown;
  {
    Progress progress(shown.display(), 10);
    progress.say("begin");
    progress.picture({"one", "two", "three"});
    auto rows = shown.rows();
    REQUIRE(rows.size() == 5);
    CHECK(rows[0] == "begin");
    CHECK(rows[3] == "three");
    CHECK(has(rows[4], "epoch  0/10"));
    shown.now += 1;
    progress.update(3, 300, 5);
    progress.picture({"four", "5"});
    rows = shown.rows();
    REQUIRE(rows.size() == 4);
    CHECK(rows[1] == "four");
    CHECK(rows[2] == "5");
    CHECK(has(rows[3], "epoch  3/10"));
    progress.say("between");
    rows = shown.rows();
    REQUIRE(rows.size() == 5);
    CHECK(rows[1] == "between");
    CHECK(rows[2] == "four");
    progress.finish();
    progress.picture({"late"});
  }
  const auto rows = shown.rows();
  REQUIRE(rows.size() == 4);
  CHECK(rows[0] == "begin");
  CHECK(rows[1] == "between");
  CHECK(has(rows[2], "epoch  3/10"));
  CHECK(rows[3].empty());
}

TEST_CASE("where the output is no terminal no picture is written") {
  Shown shown;
  Display display = shown.display();
  display.terminal = false;
  Progress progress(display, 10);
  progress.picture({"one"});
  CHECK(shown.out.str().empty());
}

TEST_CASE("live draws the policy acting, and no bit of the training knows") {
  const Folder folder;
  const std::string text = in_terminal(folder, short_run("live") + Words{"--live"}, 30, 90);
  CHECK(has(text, "⣿"));
  CHECK(has(text, "epoch 0   step "));
  CHECK(has(text, "epoch 12/12"));
  CHECK(has(text, "greedy return"));
  REQUIRE(call(folder, short_run("plain")).status == 0);
  check_same_run(folder / "live", folder / "plain");
}

TEST_CASE("live says so where there is nothing to draw on, and trains") {
  const Folder folder;
  const Ended ended = call(folder, short_run("run") + Words{"--live", "--set", "epochs=1"});
  CHECK(ended.status == 0);
  CHECK(has(ended.out, "--live: the output is no terminal with room for a picture, so none is drawn\n"));
  const std::string small = in_terminal(folder, short_run("small") + Words{"--live", "--set", "epochs=1"}, 6, 90);
  CHECK(has(small, "no terminal with room"));
}
