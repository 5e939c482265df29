#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <pigrad/nn/clip.hpp>
#include <vector>

using namespace pigrad;

TEST_CASE("the norm is over the range only") {
  const std::vector<double> g{100, 3, -4, 12, 100};
  CHECK(global_norm(g.data(), {1, 4}) == 13);
  CHECK(global_norm(g.data(), {2, 2}) == 0);
  CHECK_THROWS_AS(global_norm(g.data(), {-1, 4}), Error);
  CHECK_THROWS_AS(global_norm(g.data(), {3, 2}), Error);
}

TEST_CASE("every length sums every element once") {
  for (int size = 0; size < 40; ++size) {
    std::vector<float> g(static_cast<std::size_t>(size) + 1, 1e30f);
    double squares = 0;
    for (int i = 0; i < size; ++i)
      g[static_cast<std::size_t>(i)] = static_cast<float>(i + 1), squares += (i + 1.0) * (i + 1.0);
    CHECK(global_norm(g.data(), {0, size}) == std::sqrt(squares));
  }
}

TEST_CASE("neither large nor small elements are lost") {
  const std::vector<double> large{3e200, 4e200}, small{3e-200, 4e-200}, least{3e-320, 4e-320};
  CHECK(global_norm(large.data(), {0, 2}) == doctest::Approx(5e200).epsilon(1e-14));
  CHECK(global_norm(small.data(), {0, 2}) / 5e-200 == doctest::Approx(1).epsilon(1e-14));
  CHECK(global_norm(least.data(), {0, 2}) / 5e-320 == doctest::Approx(1).epsilon(1e-3));
  const std::vector<float> single{3e38f, 3e38f};
  CHECK(global_norm(single.data(), {0, 2}) == doctest::Approx(3e38 * std::sqrt(2.0)).epsilon(1e-7));
}

TEST_CASE("clipping scales by max_norm over norm plus epsilon, at most by 1") {
  const auto clip = [](std::vector<double>& g, double most, double epsilon) {
    return clip_by_global_norm(g.data(), {1, 3}, most, epsilon);
  };
  std::vector<double> g{7, 3, -4, 7};
  Clipped done = clip(g, 0.5, 1e-6);
  CHECK(done.finite);
  CHECK(done.norm == 5);
  CHECK(done.coefficient == 0.5 / (5 + 1e-6));
  CHECK(g == std::vector<double>{7, 3 * done.coefficient, -4 * done.coefficient, 7});

  g = {7, 3, -4, 7};
  done = clip(g, 0.5, 0);
  CHECK(done.coefficient == 0.1);

  for (double most : {5.1, 100.0, std::numeric_limits<double>::infinity()}) {
    g = {7, 3, -4, 7};
    done = clip(g, most, 1e-6);
    CHECK(done.coefficient == 1);
    CHECK(done.norm == 5);
    CHECK(g == std::vector<double>{7, 3, -4, 7});
  }
  g = {7, 3, -4, 7};
  CHECK(clip(g, 5, 1e-6).coefficient < 1);
  g = {7, 3, -4, 7};
  CHECK(clip(g, 5, 0).coefficient == 1);
  g = {7, 0, 0, 7};
  CHECK(clip(g, 1e-12, 0).coefficient == 1);
}

TEST_CASE("a gradient that is not finite is flagged and left alone") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  for (const std::vector<double>& bad : {std::vector<double>{1, nan, 2}, {1, -inf, 2}, {nan, inf, 1}, {inf, 1, nan}}) {
    std::vector<double> g = bad;
    const Clipped done = clip_by_global_norm(g.data(), {0, 3}, 0.5);
    CHECK_FALSE(done.finite);
    CHECK_FALSE(std::isfinite(done.norm));
    CHECK(done.coefficient == 1);
    CHECK(std::memcmp(g.data(), bad.data(), sizeof(double) * 3) == 0);
  }
  const std::vector<double> mixed{inf, 1, nan}, infinite{1, -inf};
  CHECK(std::isnan(global_norm(mixed.data(), {0, 3})));
  CHECK(global_norm(infinite.data(), {0, 2}) == inf);
}

TEST_CASE("a greatest norm that is not above 0 and a negative epsilon are refused") {
  std::vector<float> g{1, 2};
  for (double most : {0.0, -1.0, std::nan("")}) CHECK_THROWS_AS(clip_by_global_norm(g.data(), {0, 2}, most), Error);
  CHECK_THROWS_AS(clip_by_global_norm(g.data(), {0, 2}, 1, -1), Error);
}
