#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/error.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/lab/quality.hpp>
#include <pigrad/lab/trajectories.hpp>

using namespace pigrad;
using namespace pigrad::lab;
using doctest::Approx;

namespace {

// N(mean, diag(1, 4, 9)), a fourth entry that is the sum of the others.
std::vector<double> normals(int count, std::uint32_t stream, double shift = 0) {
  const Random random(77, Purpose::test);
  std::vector<double> out;
  for (int i = 0; i < count; ++i) {
    double sum = 0;
    for (int k = 0; k < 3; ++k) {
      const auto counter = static_cast<std::uint64_t>(3 * i + k);
      out.push_back(1 + shift + (k + 1) * random.normal<double>(stream, counter));
      sum += out.back();
    }
    out.push_back(sum);
  }
  return out;
}

}  // namespace

TEST_CASE("quantiles and tails against tabled values") {
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-12));
  CHECK(normal_quantile(0.0005) == Approx(-3.290526731491926).epsilon(1e-12));
  CHECK(chi_squared_tail(3.841458820694124, 1) == Approx(0.05).epsilon(1e-10));
  CHECK(chi_squared_tail(18.307038053275146, 10) == Approx(0.05).epsilon(1e-10));
  CHECK(chi_squared_tail(124.3421134, 100) == Approx(0.05).epsilon(1e-6));
  CHECK(chi_squared_quantile(0.95, 10) == Approx(18.307038053275146).epsilon(1e-9));
  CHECK(chi_squared_quantile(0.999, 2.5) == Approx(15.078).epsilon(0.01));
  for (const double freedom : {0.7, 3.3, 40.0, 700.0})
    CHECK(chi_squared_tail(chi_squared_quantile(0.99, freedom), freedom) == Approx(0.01).epsilon(1e-8));
  CHECK_THROWS_AS(normal_quantile(1), Error);
}

TEST_CASE("intervals cover what they estimate as often as they say") {
  const std::vector<double> truth = {1, 1, 1, 3}, wrong = {1, 1.5, 1, 3.5};
  int variance = 0, error = 0, bias = 0, length = 0, cosines = 0, equal = 0, apart = 0;
  constexpr int trials = 400;
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    const auto g = normals(200, trial);
    const Quality q = measure(g, truth, 0.9);
    CHECK(q.rank == 3);
    variance += q.variance.contains(28);  // 14 and the sum's 14
    error += q.error.contains(28);
    bias += q.bias.low == 0;
    length += q.length.contains(1);
    cosines += q.cosine.low < 1;
    equal += q.unbiased_p > 0.1;
    apart += measure(g, wrong, 0.9).unbiased_p < 0.1;
  }
  // 0.9 of 400, within four standard deviations; the bias's interval is conservative.
  for (const int covered : {variance, error, length, equal}) CHECK(std::abs(covered - 360) < 26);
  CHECK(bias > 340);
  CHECK(cosines > 380);
  CHECK(apart > 250);
}

TEST_CASE("Hotelling sees what leaves the range of the covariance, and forgives rounding") {
  auto g = normals(500, 3);
  CHECK(measure(g, {1, 1, 1, 3}).unbiased_p > 1e-3);
  CHECK(measure(g, {1, 1, 1, 3.001}).unbiased_p == 0);
  const std::vector<double> constant(40, 0.1);
  CHECK(measure(constant, {0.1, 0.1, 0.1, 0.1}).unbiased_p == 1);
  CHECK(measure(constant, {0.1, 0.1, 0.1, 0.2}).unbiased_p == 0);
  CHECK(equal_means_p(normals(500, 4), normals(700, 5), 4) > 1e-3);
  CHECK(equal_means_p(normals(500, 4), normals(700, 5, 0.5), 4) < 1e-3);
  CHECK_THROWS_AS(measure({1, 2, 3, 4}, {1, 2, 3, 4}), Error);
}

TEST_CASE("groups: the error of a mean of n is the variance over n, and the cosine rises") {
  const auto g = normals(40000, 8);
  const std::vector<double> truth = {1, 1, 1, 3};
  for (const int n : {1, 10, 100}) CHECK(error_of_groups(g, truth, n, 0.9999).contains(28.0 / n));
  CHECK(cosine_of_groups(g, truth, 100).low > cosine_of_groups(g, truth, 1).high);
  CHECK_THROWS_AS(error_of_groups(g, truth, 30000), Error);
}

TEST_CASE("episodes do not depend on threads, on how many are asked for, or on which come first") {
  const FiniteMdp mdp = random_mdp(4, {});
  const std::vector<double> pi(static_cast<std::size_t>(mdp.states * mdp.actions), 1.0 / mdp.actions);
  const Trajectories one = sample(mdp, pi, 1000, {.seed = 3}), three = sample(mdp, pi, 1000, {.seed = 3, .threads = 3});
  CHECK(one.state == three.state);
  CHECK(one.reward == three.reward);
  CHECK(one.begin == three.begin);
  const Trajectories later = sample(mdp, pi, 10, {.seed = 3, .first = 990});
  CHECK(std::equal(later.state.begin(), later.state.end(), one.state.begin() + one.begin[990]));
  CHECK(sample(mdp, pi, 1000, {.seed = 4}).state != one.state);
  const Trajectories cut = sample(mdp, pi, 200, {.seed = 3, .limit = 2});
  for (int i = 0; i < cut.count(); ++i) {
    const auto last = static_cast<std::size_t>(cut.begin[static_cast<std::size_t>(i) + 1] - 1);
    CHECK(cut.terminated[last] + cut.truncated[last] == 1);
    CHECK(cut.time[last] <= 1);
  }
  CHECK_THROWS_AS(sample(mdp, pi, 0, {}), Error);
}

TEST_CASE("starts, actions and successors come as often as their shares say") {
  const FiniteMdp mdp = random_mdp(4, {.states = 5, .actions = 3, .end = 0.3});
  std::vector<double> pi;
  for (int s = 0; s < mdp.states; ++s) pi.insert(pi.end(), {0.5, 0, 0.5});
  const Trajectories data = sample(mdp, pi, 50000, {.seed = 8});
  std::vector<double> seen(mdp.transition.size()), pairs(pi.size()), states(5), starts(5);
  for (std::size_t row = 0; row < data.reward.size(); ++row) {
    ++seen[mdp.at(data.state[row], data.action[row], data.next[row])],
        ++pairs[mdp.at(data.state[row], data.action[row])];
    ++states[static_cast<std::size_t>(data.state[row])];
    if (data.time[row] == 0) ++starts[static_cast<std::size_t>(data.state[row])];
  }
  const auto close = [](double count, double share, double of) {
    return std::abs(count - share * of) <= 4.5 * std::sqrt(of * share * (1 - share));
  };
  for (int s = 0; s < 4; ++s) {
    CHECK(close(starts[static_cast<std::size_t>(s)], 0.25, 50000));
    for (int a = 0; a < 3; ++a) {
      CHECK(close(pairs[mdp.at(s, a)], pi[mdp.at(s, a)], states[static_cast<std::size_t>(s)]));
      for (int next = 0; next < 5; ++next)
        CHECK(close(seen[mdp.at(s, a, next)], mdp.transition[mdp.at(s, a, next)], pairs[mdp.at(s, a)]));
    }
  }
}
