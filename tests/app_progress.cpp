#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/app/progress.hpp>
#include <pigrad/app/text.hpp>
#include <sstream>

using namespace pigrad::app;

namespace {

struct Screen {
  std::ostringstream out;
  double now = 100;
  int columns = 100;
  Display display(bool terminal, bool quiet = false, bool unicode = true) {
    return {&out, terminal, unicode, quiet, [this] { return columns; }, [this] { return now; }, {}};
  }
};

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the line shows epoch, return, rate and time left") {
  Screen screen;
  Progress progress(screen.display(true), 100);
  for (int epoch = 1; epoch <= 25; ++epoch) {
    screen.now += 0.2;
    progress.update(epoch, epoch * 4000, 187.25);
  }
  CHECK(progress.rate() == doctest::Approx(20000));
  CHECK(progress.seconds_left() == doctest::Approx(15));
  const std::string line = progress.line(99);
  for (const char* part : {"epoch  25/100", "return  187.2", "20.0k steps/s", "15 s left", "█"}) {
    CAPTURE(line);
    CHECK(has(line, part));
  }
}

TEST_CASE("the line never passes the window, at any width and state") {
  Screen screen;
  Progress progress(screen.display(true), 100000);
  for (const double reward : {std::nan(""), -1234567.0, 1e300, 5.0}) {
    screen.now += 12345;
    progress.update(99999, 123456789012, reward);
    for (int columns = 0; columns < 140; ++columns) {
      CAPTURE(columns);
      CHECK(display_width(progress.line(columns)) <= columns);
    }
  }
}

TEST_CASE("a terminal line is redrawn in place, at most ten times a second") {
  Screen screen;
  screen.columns = 50;
  {
    Progress progress(screen.display(true), 1000);
    for (int epoch = 1; epoch <= 1000; ++epoch) {
      screen.now += 0.001;
      progress.update(epoch, epoch * 10, 1.0);
    }
    progress.finish();
  }
  const std::string text = screen.out.str();
  CHECK(count(text, "\r") >= 9);
  CHECK(count(text, "\r") <= 12);
  CHECK(count(text, "\n") == 1);
  CHECK(text.back() == '\n');
  CHECK(has(text.substr(text.rfind('\r')), "1000/1000"));
  std::istringstream drawn(text);
  for (std::string part; std::getline(drawn, part, '\r');) CHECK(display_width(part) < 50 + 3);
}

TEST_CASE("a line said during the run does not mix with the one that is redrawn") {
  Screen screen;
  Progress progress(screen.display(true), 10);
  screen.now += 1;
  progress.update(1, 10, 1.0);
  progress.say("saved");
  CHECK(has(screen.out.str(), "\r\x1b[Ksaved\n\r"));
}

TEST_CASE("an unfinished line is ended, so that a message after it begins on its own") {
  Screen screen;
  {
    Progress progress(screen.display(true), 10);
    screen.now += 1;
    progress.update(1, 10, 1.0);
  }
  CHECK(screen.out.str().back() == '\n');
}

TEST_CASE("elsewhere plain lines come at each tenth, and after ten seconds without one") {
  Screen quick;
  Progress fast(quick.display(false), 1000);
  for (int epoch = 1; epoch <= 1000; ++epoch) {
    quick.now += 0.001;
    fast.update(epoch, epoch * 10, 1.0);
  }
  fast.finish();
  CHECK(count(quick.out.str(), "\n") == 10);
  CHECK_FALSE(has(quick.out.str(), "\r"));
  CHECK_FALSE(has(quick.out.str(), "\x1b"));
  CHECK(has(quick.out.str(), "epoch 1000/1000  return 1.0  10.0k steps/s\n"));

  Screen slow;
  Progress long_run(slow.display(false), 1000);
  for (int epoch = 1; epoch <= 50; ++epoch) {
    slow.now += 2.5;
    long_run.update(epoch, epoch * 10, 1.0);
  }
  CHECK(count(slow.out.str(), "\n") == 12);
}

TEST_CASE("quiet says nothing") {
  for (const bool terminal : {true, false}) {
    Screen screen;
    {
      Progress progress(screen.display(terminal, true), 10);
      for (int epoch = 1; epoch <= 10; ++epoch) {
        screen.now += 20;
        progress.update(epoch, epoch, 1.0);
      }
      progress.say("x");
      progress.finish();
    }
    CHECK(screen.out.str().empty());
  }
}

TEST_CASE("a resumed run's rate and time count only what this process did") {
  Screen screen;
  Progress progress(screen.display(true), 100, 50, 200000);
  CHECK(std::isnan(progress.seconds_left()));
  screen.now += 1;
  progress.update(51, 204000, 1.0);
  CHECK(progress.rate() == doctest::Approx(4000));
  CHECK(progress.seconds_left() == doctest::Approx(49));
}

TEST_CASE("without Unicode the bar is ASCII") {
  Screen screen;
  Progress progress(screen.display(true, false, false), 10);
  screen.now += 1;
  progress.update(5, 10, 1.0);
  for (const char c : progress.line(99)) CHECK(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("texts for people") {
  CHECK(si(0) == "0");
  CHECK(si(7) == "7");
  CHECK(si(1.5) == "1.50");
  CHECK(si(999.4) == "999");
  CHECK(si(999.6) == "1.00k");
  CHECK(si(12345) == "12.3k");
  CHECK(si(123456) == "123k");
  CHECK(si(4.56e6) == "4.56M");
  CHECK(si(-2e9) == "-2.00G");
  CHECK(duration(7.2) == "7 s");
  CHECK(duration(59.7) == "1:00");
  CHECK(duration(7384) == "2:03:04");
  CHECK(duration(1e6) == "11 d 13 h");
  CHECK(grouped(0) == "0");
  CHECK(grouped(-1234) == "-1 234");
  CHECK(grouped(-123) == "-123");
  CHECK(grouped(1234567) == "1 234 567");
  CHECK(display_width("γ → 漢字 e\xCC\x81") == 10);
  CHECK(shorten("abcdef", 4) == "abc…");
  CHECK(wrap("a bc def", 4) == std::vector<std::string>{"a bc", "def"});
  CHECK(wrap("abcdefgh", 3) == std::vector<std::string>{"abc", "def", "gh"});
}
