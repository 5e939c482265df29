#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/error.hpp>
#include <pigrad/nn/schedule.hpp>

using namespace pigrad;
using doctest::Approx;

TEST_CASE("each form has its closed form at the start, between and at the end") {
  struct Point {
    const char* text;
    double progress, factor;
  };
  for (const Point& point : {Point{"constant", 0.7, 1},
                             {"linear", 0, 1},
                             {"linear", 0.25, 0.75},
                             {"linear", 1, 0},
                             {"linear:0.1", 0.5, 0.55},
                             {"linear:0.1", 1, 0.1},
                             {"linear:2", 1, 2},
                             {"cosine", 0, 1},
                             {"cosine:0", 0.25, (1 + std::sqrt(0.5)) / 2},
                             {"cosine:0.2", 0.5, 0.6},
                             {"cosine:0.2", 1, 0.2},
                             {"exponential:0.01", 0, 1},
                             {"exponential:0.01", 0.5, 0.1},
                             {"exponential:0.01", 1, 0.01},
                             {"step:0.1,0.5,0.75", 0.49, 1},
                             {"step:0.1,0.5,0.75", 0.5, 0.1},
                             {"step:0.1,0.5,0.75", 1, 0.01},
                             {"piecewise:0=0,0.1=1,1=0.5", 0, 0},
                             {"piecewise:0=0,0.1=1,1=0.5", 0.05, 0.5},
                             {"piecewise:0=0,0.1=1,1=0.5", 0.1, 1},
                             {"piecewise:0=0,0.1=1,1=0.5", 0.55, 0.75},
                             {"piecewise:0.2=2,0.4=1", 0.1, 2},
                             {"piecewise:0.2=2,0.4=1", 0.9, 1}}) {
    CAPTURE(point.text);
    CAPTURE(point.progress);
    CHECK(Schedule(point.text).factor(point.progress) == Approx(point.factor).epsilon(1e-12));
    CHECK(Schedule(point.text).value(3, point.progress) == Approx(3 * point.factor).epsilon(1e-12));
  }
}

TEST_CASE("progress is clamped, and epochs count from the starting value") {
  const Schedule linear("linear");
  CHECK(linear.factor(-3) == 1);
  CHECK(linear.factor(3) == 0);
  CHECK(linear.factor(std::nan("")) == 1);
  CHECK(linear.value(8, 0, 4) == 8);
  CHECK(linear.value(8, 1, 4) == 6);
  CHECK(linear.value(8, 3, 4) == 2);
  CHECK_THROWS_AS(linear.value(8, 0, 0), Error);
  CHECK(Schedule().value(8, 3, 4) == 8);
  CHECK(Schedule("linear:0.1").text() == "linear:0.1");
}

TEST_CASE("other text is refused with the forms there are") {
  for (const char* text : {"",
                           "lin",
                           "Linear",
                           "constant:1",
                           "linear:",
                           "linear:x",
                           "linear:-0.1",
                           "linear:0.1,2",
                           "linear:nan",
                           "exponential",
                           "exponential:0",
                           "step:0.1",
                           "step:0,0.5",
                           "step:0.1,1.5",
                           "step:0.1,0.5,0.5",
                           "step:0.1,0.7,0.5",
                           "piecewise",
                           "piecewise:0.5",
                           "piecewise:0=1,0=2",
                           "piecewise:0=1,1=-2",
                           "piecewise:0=1,,1=2",
                           "cosine:0x1p3"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(Schedule{text}, doctest::Contains("piecewise:P1=F1"), Error);
  }
}
