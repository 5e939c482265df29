#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <pigrad/env/registry.hpp>
#include <pigrad/env/trig.hpp>

#include "env_run.hpp"

using namespace pigrad;

TEST_CASE("the spaces, limits and thresholds are Gymnasium's") {
  const double inf = std::numeric_limits<double>::infinity(), none = std::numeric_limits<double>::quiet_NaN();
  const double speed1 = 12.566370964050293, speed2 = 28.274333953857422;  // its spaces hold floats
  const std::vector<double> car_low{-1.2000000476837158, -0.07000000029802322},
      car_high{0.6000000238418579, 0.07000000029802322};
  struct Expected {
    const char* id;
    std::vector<double> low, high;
    int actions;  // 0: a box of one feature within ±bound
    double bound;
    int limit;
    double threshold;
  };
  const Expected all[] = {
      {"CartPoleSwingUp-v0", {-inf, -inf, -1, -1, -inf}, {inf, inf, 1, 1, inf}, 0, 1, 500, none},
      {"CartPoleSwingUp-v1", {-inf, -inf, -1, -1, -inf}, {inf, inf, 1, 1, inf}, 0, 1, 500, none},
      {"Pendulum-v1", {-1, -1, -8}, {1, 1, 8}, 0, 2, 200, none},
      {"MountainCar-v0", car_low, car_high, 3, 0, 200, -110},
      {"MountainCarContinuous-v0", car_low, car_high, 0, 1, 999, 90},
      {"Acrobot-v1", {-1, -1, -1, -1, -speed1, -speed2}, {1, 1, 1, 1, speed1, speed2}, 3, 0, 500, -100},
  };
  const Registry registry = Registry::builtin();
  for (const Expected& e : all) {
    CAPTURE(e.id);
    const Spec& spec = registry.spec(e.id);
    CHECK(spec.observation.low == e.low);
    CHECK(spec.observation.high == e.high);
    CHECK(spec.max_steps == e.limit);
    CHECK((std::isnan(e.threshold) ? std::isnan(spec.reward_threshold) : spec.reward_threshold == e.threshold));
    if (e.actions > 0) {
      CHECK(spec.action.n == e.actions);
    } else {
      CHECK(spec.action.low == std::vector<double>{-e.bound});
      CHECK(spec.action.high == std::vector<double>{e.bound});
    }
  }
}

TEST_CASE("an action beyond the bounds moves as the bound does, and is paid as the task asks") {
  for (const char* name : {"CartPoleSwingUp-v0", "Pendulum-v1", "MountainCarContinuous-v0"}) {
    CAPTURE(name);
    Run beyond(name, 1), bound(name, 1);
    beyond.box[0] = 9;
    bound.box[0] = bound.env->spec().action.high[0];
    beyond.step();
    bound.step();
    CHECK(beyond.box[0] == 9);
    for (std::size_t f = 0; f < bound.obs.size(); ++f)
      CHECK(beyond.obs[f] == doctest::Approx(bound.obs[f]).epsilon(1e-6));
    const bool raw = beyond.env->spec().id == "MountainCarContinuous-v0";
    CHECK(beyond.reward[0] == doctest::Approx(raw ? -8.1 : bound.reward[0]).epsilon(1e-12));
  }
}

TEST_CASE("each classic task starts where its page says") {
  struct Start {
    const char* id;
    std::vector<double> mean, spread;  // of each state value: half a uniform's width, or a normal's deviation
    bool normal;
  };
  const double pi = 3.141592653589793;
  const Start all[] = {
      {"CartPoleSwingUp-v0", {0, 0, pi, 0}, {0.2, 0.2, 0.2, 0.2}, true},
      {"Pendulum-v1", {0, 0}, {pi, 1}, false},
      {"MountainCar-v0", {-0.5, 0}, {0.1, 0}, false},
      {"MountainCarContinuous-v0", {-0.5, 0}, {0.1, 0}, false},
      {"Acrobot-v1", {0, 0, 0, 0}, {0.1, 0.1, 0.1, 0.1}, false},
  };
  const int n = 4000;
  for (const Start& start : all) {
    CAPTURE(start.id);
    const auto env = Registry::builtin().make<double>(start.id, n, 7);
    for (std::size_t f = 0; f < start.mean.size(); ++f) {
      CAPTURE(f);
      double sum = 0, squares = 0, furthest = 0;
      for (int c = 0; c < n; ++c) {
        const double away = env->get_state(c)[f] - start.mean[f];
        sum += away;
        squares += away * away;
        furthest = std::max(furthest, std::abs(away));
      }
      const double deviation = start.spread[f] / (start.normal ? 1 : std::sqrt(3.0));
      CHECK(std::abs(sum / n) <= 4 * deviation / std::sqrt(n));
      CHECK(std::sqrt(squares / n) == doctest::Approx(deviation).epsilon(0.05));
      if (!start.normal) CHECK(furthest <= start.spread[f] * (1 + 1e-7));
    }
  }
}

TEST_CASE_TEMPLATE("wrap_angle takes whole turns off and leaves what is within half a turn", T, float, double) {
  const double unit = sizeof(T) == 8 ? 2.3e-16 : 1.2e-7;
  const T pi = T(3.141592653589793);
  double worst = 0;
  int outside = 0, changed = 0;
  for (double span : {3.1415, 3.1416, 9.5, 80.0, 1000.0})
    for (int i = -5000; i <= 5000; ++i) {
      const T x = static_cast<T>(span * i / 5000), y = wrap_angle(x);
      outside += y < -pi || y > pi;
      changed += x >= -pi && x <= pi && y != x;
      const double turns = std::round((static_cast<double>(x) - static_cast<double>(y)) / 6.283185307179586);
      const double turn = sizeof(T) == 8 ? 6.283185307179586 : static_cast<double>(2 * pi);
      worst = std::max(worst, std::abs(static_cast<double>(x) - turns * turn - static_cast<double>(y)) /
                                  std::max(1.0, std::abs(turns)));
    }
  CHECK(outside == 0);
  CHECK(changed == 0);
  CHECK(worst < 8 * unit);
}
