#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <pigrad/core/error.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/rl/returns.hpp>
#include <string>
#include <vector>

using namespace pigrad;
using doctest::Approx;

namespace {

using Reals = std::vector<double>;

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("moments of chosen rows, by population and by sample") {
  const Reals x = {5, 1, 100, 2, 6, 1e9};
  const std::vector<std::int32_t> rows = {1, 3, 0, 4};
  const Moments population = moments(x.data(), rows.data(), 4, false), sample = moments(x.data(), rows.data(), 4, true);
  CHECK(population.mean == Approx(3.5).epsilon(1e-15));
  CHECK(population.deviation == Approx(std::sqrt(17.0 / 4)).epsilon(1e-15));
  CHECK(sample.deviation == Approx(std::sqrt(17.0 / 3)).epsilon(1e-15));
  CHECK(moments(x.data(), nullptr, 2, false).mean == 3);
  CHECK(message([&] { moments(x.data(), nullptr, 0, false); }).find("0 values have no deviation") != std::string::npos);
  CHECK(message([&] { moments(x.data(), nullptr, 1, true); }) ==
        "standardise: 1 values have no deviation; give at least 2, or use the population's deviation");
  const Reals shifted = {1e9 + 1, 1e9 + 2, 1e9 + 3};
  CHECK(moments(shifted.data(), nullptr, 3, false).deviation == Approx(std::sqrt(2.0 / 3)).epsilon(1e-12));
}

TEST_CASE("standardised rows have mean 0 and deviation 1; others stay") {
  Reals x;
  std::vector<std::int32_t> rows;
  for (int i = 0; i < 101; ++i) {
    x.push_back(Random(3, Purpose::test).normal<double>(0, static_cast<std::uint64_t>(i)) * 7 + 1000);
    if (i % 3 != 1) rows.push_back(i);
  }
  const Reals before = x;
  const int count = static_cast<int>(rows.size());
  standardise(x.data(), rows.data(), count, 0, false);
  const Moments m = moments(x.data(), rows.data(), count, false);
  CHECK(std::abs(m.mean) < 1e-13);
  CHECK(m.deviation == Approx(1).epsilon(1e-13));
  for (std::size_t i = 1; i < x.size(); i += 3) CHECK(x[i] == before[i]);

  x = before;
  standardise(x.data(), rows.data(), count, 0.5, true);
  const Moments s = moments(before.data(), rows.data(), count, true);
  CHECK(x[3] == Approx((before[3] - s.mean) / (s.deviation + 0.5)).epsilon(1e-13));
}

TEST_CASE("with ε = 0 standardising cancels any constant factor, with ε it does not") {
  Reals reward;
  for (std::uint64_t i = 0; i < 100; ++i) reward.push_back(Random(11, Purpose::test).normal<double>(0, i));
  for (const double factor : {1.0 / 37, 1e-9, 4.0, 1e12}) {
    Reals plain = reward, scaled = reward, softened = reward;
    for (double& x : scaled) x *= factor;
    for (double& x : softened) x *= factor;
    standardise(plain.data(), nullptr, 100, 0, false);
    standardise(scaled.data(), nullptr, 100, 0, false);
    standardise(softened.data(), nullptr, 100, 1e-2, false);
    double apart = 0, softened_apart = 0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      apart = std::max(apart, std::abs(plain[i] - scaled[i]));
      softened_apart = std::max(softened_apart, std::abs(plain[i] - softened[i]));
    }
    CHECK(apart < 1e-13);
    if (factor < 1) CHECK(softened_apart > 1e-2);
  }
}

TEST_CASE("equal values and values that are not finite are refused, and stay as they were") {
  for (const double value : {0.1, 1e6 / 3, 0.0})
    for (const int count : {1, 10, 4000}) {
      Reals x(static_cast<std::size_t>(count), value);
      CHECK(message([&] { standardise(x.data(), nullptr, count, 0, false); }) ==
            "standardise: all " + std::to_string(count) +
                " values are equal and ε is 0; set advantage.epsilon above 0, or collect more rows");
      CHECK(x == Reals(static_cast<std::size_t>(count), value));
      standardise(x.data(), nullptr, count, 1e-8, false);
      CHECK(x == Reals(static_cast<std::size_t>(count), 0.0));
    }
  Reals x = {1, std::numeric_limits<double>::quiet_NaN(), 2};
  CHECK(message([&] { standardise(x.data(), nullptr, 3, 0, false); }).find("a value is not finite") !=
        std::string::npos);
  CHECK(x[0] == 1);
}

TEST_CASE(
    "explained variance: 1 for the targets themselves, 0 for a constant, negative for worse, NaN for no variance") {
  const Reals target = {1, 2, 3, 4, 50};
  const Reals constant(5, 7), reversed = {4, 3, 2, 1, 50};
  Reals shifted = target;
  for (double& x : shifted) x += 3;
  CHECK(explained_variance(target.data(), target.data(), nullptr, 5) == 1);
  CHECK(explained_variance(target.data(), shifted.data(), nullptr, 5) == Approx(1).epsilon(1e-14));
  CHECK(std::abs(explained_variance(target.data(), constant.data(), nullptr, 5)) < 1e-14);
  CHECK(explained_variance(target.data(), reversed.data(), nullptr, 4) == Approx(1 - 20.0 / 5).epsilon(1e-14));
  CHECK(std::isnan(explained_variance(constant.data(), target.data(), nullptr, 5)));
  const std::vector<std::int32_t> rows = {3, 2, 1, 0};
  CHECK(explained_variance(target.data(), reversed.data(), rows.data(), 4) == Approx(-3).epsilon(1e-14));
}
