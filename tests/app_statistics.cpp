#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <pigrad/app/many/statistics.hpp>
#include <pigrad/core/error.hpp>

using namespace pigrad::app;

namespace {

void check_near(double ours, double theirs) { CHECK(std::abs(ours - theirs) <= 1e-11 * (1 + std::abs(theirs))); }

}  // namespace

TEST_CASE("statistics and stratified bootstrap intervals are NumPy's and SciPy's") {
  std::ifstream file(PIGRAD_GOLDEN_DIR "/statistics.json");
  const auto cases = nlohmann::json::parse(file);
  REQUIRE(cases.size() == 10);
  for (const auto& c : cases) {
    const Strata strata = c["strata"];
    std::vector<double> all;
    for (const auto& s : strata) all.insert(all.end(), s.begin(), s.end());
    CAPTURE(all.size());
    check_near(mean_of(all), c["mean"]);
    if (c["deviation"].is_null()) {
      CHECK(std::isnan(deviation_of(all)));
    } else {
      check_near(deviation_of(all), c["deviation"]);
    }
    const double q[] = {0, 0.1, 0.25, 0.5, 0.75, 1};
    for (std::size_t i = 0; i < 6; ++i) check_near(quantile_of(all, q[i]), c["quantiles"][i]);
    check_near(interquartile_mean(all), c["iqm"]);
    const BootstrapOptions options{c["repeats"], c["confidence"], c["seed"]};
    const auto check_interval = [&](const Statistic& statistic, const char* name) {
      const Interval ours = bootstrap_interval(strata, statistic, options);
      check_near(ours.low, c[name][0]);
      check_near(ours.high, c[name][1]);
    };
    check_interval(pooled_interquartile_mean, "iqm_interval");
    check_interval(pooled_mean, "mean_interval");
    if (c.contains("difference_interval")) check_interval(interquartile_difference, "difference_interval");
  }
}

TEST_CASE("small samples by hand") {
  CHECK(interquartile_mean({1, 2, 3, 4}) == 2.5);
  CHECK(interquartile_mean({100, 2, 3, -50}) == 2.5);
  CHECK(interquartile_mean({1, 2, 6}) == 3);  // nothing is left out of three
  CHECK(quantile_of({10, 20}, 0.25) == 12.5);
  CHECK(median_of({5, 1, 3}) == 3);
  CHECK(deviation_of({1, 3}) == doctest::Approx(std::sqrt(2.0)));
  CHECK(deviation_of({0.1, 0.1, 0.1}) == 0);
  CHECK(std::isnan(mean_of({})));
  CHECK(std::isnan(median_of({})));
  CHECK(std::isnan(bootstrap_interval({}, pooled_mean).low));
  CHECK(std::isnan(bootstrap_interval({{1}, {}}, pooled_mean).low));
  CHECK_THROWS_AS(bootstrap_interval({{1}}, pooled_mean, {0}), pigrad::Error);
}

TEST_CASE("an interval repeats to the bit, depends on its seed, and covers about as often as it says") {
  const Strata strata = {{3, 1, 4, 1, 5, 9, 2, 6}};
  const Interval a = bootstrap_interval(strata, pooled_mean), b = bootstrap_interval(strata, pooled_mean);
  CHECK(a.low == b.low);
  CHECK(a.high == b.high);
  const Strata uneven = {{0.31, 1.72, 4.13, 9.94, 27.1, 81.3}};
  const Interval other = bootstrap_interval(uneven, pooled_mean, {1000, 0.95, 1});
  CHECK(other.low != bootstrap_interval(uneven, pooled_mean, {1000, 0.95, 2}).low);
  // The bootstrap distribution of a mean has deviation σ/√n, σ dividing by n: 2.522 / √8 = 0.8917.
  CHECK(a.high - a.low == doctest::Approx(2 * 1.96 * 0.8917).epsilon(0.03));
}

TEST_CASE("a stratum is drawn from itself alone") {
  const Strata apart = {{0, 0, 0}, {10, 10, 10, 10}};
  const Interval all = bootstrap_interval(apart, pooled_mean, {500, 0.95, 0});
  CHECK(all.low == doctest::Approx(40.0 / 7));
  CHECK(all.high == doctest::Approx(40.0 / 7));
  const Interval difference = bootstrap_interval(apart, interquartile_difference, {500, 0.95, 0});
  CHECK(difference.low == 10);
  CHECK(difference.high == 10);
}
