#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <pigrad/core/error.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/rl/advantage.hpp>
#include <pigrad/rl/returns.hpp>
#include <string>
#include <vector>

using namespace pigrad;
using doctest::Approx;

namespace {

using Reals = std::vector<double>;

// A random [T×E] rollout whose rows end anywhere, the last step included. Value after a step: 0 if terminated, a number
// of its own at a time limit and at the edge, else the next row's.
struct Paths {
  int steps, copies;
  Reals reward, value, next_value;
  std::vector<std::uint8_t> terminated, truncated;

  Paths(int t, int e, std::uint64_t seed) : steps(t), copies(e) {
    const Random random(seed, Purpose::test);
    for (int row = 0; row < rows(); ++row) {
      const auto r = static_cast<std::uint32_t>(row);
      reward.push_back(random.normal<double>(r, 0));
      value.push_back(random.normal<double>(r, 1));
      const double end = random.uniform<double>(r, 2);
      terminated.push_back(end < 0.12);
      truncated.push_back(end > 0.06 && end < 0.2);
    }
    for (int row = 0; row < rows(); ++row) {
      const bool inside = !ends(row) && row + copies < rows();
      const double own = random.normal<double>(static_cast<std::uint32_t>(row), 3);
      next_value.push_back(terminated[at(row)] ? 0 : inside ? value[at(row + copies)] : own);
    }
  }

  static std::size_t at(int row) { return static_cast<std::size_t>(row); }
  int rows() const { return steps * copies; }
  bool ends(int row) const { return terminated[at(row)] || truncated[at(row)]; }
  Path<double> path() const { return {steps, copies, reward.data(), terminated.data(), truncated.data()}; }
  int first(int row) const {
    while (row >= copies && !ends(row - copies)) row -= copies;
    return row;
  }
  int last(int row) const {
    while (row + copies < rows() && !ends(row)) row += copies;
    return row;
  }
  // Σ_{k≥0} weightᵏ of f(row + k) to the end of the path.
  double sum(int row, double weight, const std::function<double(int)>& f, int end = -1) const {
    double total = 0;
    const int stop = end < 0 ? last(row) : end;
    for (int r = row, k = 0; r <= stop; r += copies, ++k) total += std::pow(weight, k) * f(r);
    return total;
  }
  double reward_sum(int row, double gamma, bool bootstrap) const {
    const int end = last(row), length = (end - row) / copies + 1;
    return sum(row, gamma, [&](int r) { return reward[at(r)]; }) +
           (bootstrap ? std::pow(gamma, length) * next_value[at(end)] : 0);
  }
  double delta(int row, double gamma) const { return reward[at(row)] + gamma * next_value[at(row)] - value[at(row)]; }
  double n_step(int row, double gamma, int n) const {
    const int end = std::min(last(row), row + (n - 1) * copies), length = (end - row) / copies + 1;
    return sum(
               row, gamma, [&](int r) { return reward[at(r)]; }, end) +
           std::pow(gamma, length) * next_value[at(end)];
  }
};

const std::vector<Paths>& samples() {
  static const std::vector<Paths> list = {{60, 1, 1}, {40, 7, 2}, {1, 5, 3}, {1, 1, 4}, {200, 3, 5}, {2, 64, 6}};
  return list;
}

void check_equal(const Reals& out, const std::function<double(int)>& expected) {
  for (int row = 0; row < static_cast<int>(out.size()); ++row) {
    INFO("row ", row);
    CHECK(std::abs(out[Paths::at(row)] - expected(row)) < 1e-12 * (1 + std::abs(expected(row))));
  }
}

template <class F>
Reals filled(const Paths& p, const F& f) {
  Reals out(static_cast<std::size_t>(p.rows()), 99);
  f(out.data());
  return out;
}

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("the random paths have every kind of row") {
  int terminated = 0, truncated = 0, both = 0, inside = 0, last = 0;
  for (const Paths& p : samples())
    for (int row = 0; row < p.rows(); ++row) {
      const bool a = p.terminated[Paths::at(row)], b = p.truncated[Paths::at(row)];
      terminated += a && !b, truncated += b && !a, both += a && b, inside += !a && !b;
      last += (a || b) && row + p.copies >= p.rows();
    }
  CHECK(std::min({terminated, truncated, both, last}) >= 5);
  CHECK(inside > 500);
}

TEST_CASE("returns are the direct sums") {
  for (const Paths& p : samples())
    for (const double gamma : {0.0, 0.5, 0.99, 1.0}) {
      const auto to_go = filled(p, [&](double* o) { return_to_go(p.path(), gamma, p.next_value.data(), o); });
      check_equal(to_go, [&](int r) { return p.reward_sum(r, gamma, true); });
      const auto bare = filled(p, [&](double* o) { return_to_go<double>(p.path(), gamma, nullptr, o); });
      check_equal(bare, [&](int r) { return p.reward_sum(r, gamma, false); });
      const auto total = filled(p, [&](double* o) { total_return(p.path(), gamma, p.next_value.data(), o); });
      check_equal(total, [&](int r) { return p.reward_sum(p.first(r), gamma, true); });
      const auto delta =
          filled(p, [&](double* o) { td_error(p.path(), gamma, p.value.data(), p.next_value.data(), o); });
      check_equal(delta, [&](int r) { return p.delta(r, gamma); });
      for (const int n : {1, 2, 5, 1000}) {
        const auto out = filled(p, [&](double* o) { n_step_return(p.path(), gamma, n, p.next_value.data(), o); });
        check_equal(out, [&](int r) { return p.n_step(r, gamma, n); });
      }
    }
}

TEST_CASE("the generalised advantage is the sum of γλ-weighted TD errors, and its closed forms") {
  for (const Paths& p : samples())
    for (const double gamma : {0.9, 1.0}) {
      const auto with = [&](double lambda) {
        return filled(p, [&](double* o) { gae(p.path(), gamma, lambda, p.value.data(), p.next_value.data(), o); });
      };
      for (const double lambda : {0.0, 0.7, 0.97, 1.0})
        check_equal(with(lambda),
                    [&](int row) { return p.sum(row, gamma * lambda, [&](int r) { return p.delta(r, gamma); }); });
      check_equal(with(0), [&](int r) { return p.delta(r, gamma); });
      check_equal(with(1), [&](int r) { return p.reward_sum(r, gamma, true) - p.value[Paths::at(r)]; });
      const double lambda = 0.8;
      check_equal(with(lambda), [&](int row) {
        const int left = (p.last(row) - row) / p.copies + 1;
        double average = std::pow(lambda, left - 1) * p.n_step(row, gamma, left);
        for (int n = 1; n < left; ++n) average += (1 - lambda) * std::pow(lambda, n - 1) * p.n_step(row, gamma, n);
        return average - p.value[Paths::at(row)];
      });
    }
}

TEST_CASE("an n-step return minus V is a telescoping sum of TD errors") {
  for (const Paths& p : samples())
    for (const int n : {1, 3, 8}) {
      const double gamma = 0.95;
      const auto out = filled(p, [&](double* o) { n_step_return(p.path(), gamma, n, p.next_value.data(), o); });
      check_equal(out, [&](int row) {
        const int end = std::min(p.last(row), row + (n - 1) * p.copies);
        return p.value[Paths::at(row)] + p.sum(
                                             row, gamma, [&](int r) { return p.delta(r, gamma); }, end);
      });
    }
}

TEST_CASE("no estimate reads another path") {
  const Paths p(50, 4, 7);
  const auto all = [](const Paths& q) {
    const Path<double> path = q.path();
    const double *v = q.value.data(), *next = q.next_value.data();
    std::vector<Reals> out;
    out.push_back(filled(q, [&](double* o) { return_to_go(path, 0.9, next, o); }));
    out.push_back(filled(q, [&](double* o) { total_return(path, 0.9, next, o); }));
    out.push_back(filled(q, [&](double* o) { td_error(path, 0.9, v, next, o); }));
    out.push_back(filled(q, [&](double* o) { n_step_return(path, 0.9, 6, next, o); }));
    out.push_back(filled(q, [&](double* o) { gae(path, 0.9, 0.9, v, next, o); }));
    return out;
  };
  const auto before = all(p);
  for (int row = 0; row < p.rows(); ++row) {
    if (p.first(row) != row) continue;
    Paths changed = p;
    for (int r = 0; r < p.rows(); ++r)
      if (r % p.copies != row % p.copies || p.first(r) != row) {
        changed.reward[Paths::at(r)] = 1e6 + r;
        changed.value[Paths::at(r)] = -1e6 - r;
        changed.next_value[Paths::at(r)] = 3e6 + r;
      }
    const auto after = all(changed);
    for (std::size_t k = 0; k < before.size(); ++k)
      for (int r = row; r <= p.last(row); r += p.copies) CHECK(before[k][Paths::at(r)] == after[k][Paths::at(r)]);
  }
}

TEST_CASE("the weight γᵗ counts from the start of the episode, which may lie before the rollout") {
  const Paths p(30, 3, 8);
  const std::vector<int> first = {0, 4, 11};
  const auto out = filled(p, [&](double* o) { discount_weight(p.path(), 0.9, first.data(), o); });
  check_equal(out, [&](int row) {
    const int begin = p.first(row), t = (row - begin) / p.copies;
    return std::pow(0.9, t + (begin < p.copies ? first[Paths::at(begin)] : 0));
  });
  const auto none = filled(p, [&](double* o) { discount_weight(p.path(), 0.9, nullptr, o); });
  check_equal(none, [&](int row) { return std::pow(0.9, (row - p.first(row)) / p.copies); });
}

TEST_CASE("every estimator by its name, with baseline and γᵗ") {
  const Paths p(40, 5, 9);
  const std::vector<int> first = {0, 2, 0, 7, 1};
  AdvantageInput<double> in;
  in.path = p.path();
  in.gamma = 0.9;
  in.lambda = 0.8;
  in.n = 3;
  in.value = p.value.data();
  in.next_value = p.next_value.data();
  in.first_step = first.data();
  const auto value = [&](int r) { return p.value[Paths::at(r)]; };
  const std::vector<std::pair<std::string, std::function<double(int)>>> list = {
      {"total_return", [&](int r) { return p.reward_sum(p.first(r), 0.9, true); }},
      {"reward_to_go", [&](int r) { return p.reward_sum(r, 1, true); }},
      {"return_to_go", [&](int r) { return p.reward_sum(r, 0.9, true); }},
      {"n_step", [&](int r) { return p.n_step(r, 0.9, 3); }},
      {"td_error", [&](int r) { return p.delta(r, 0.9) + value(r); }},
      {"gae", [&](int r) { return value(r) + p.sum(r, 0.72, [&](int k) { return p.delta(k, 0.9); }); }},
  };
  CHECK(advantage_estimators<double>().size() == list.size());
  for (const auto& [name, expected] : list)
    for (const bool baseline : {false, true})
      for (const bool discount_time : {false, true}) {
        CAPTURE(name);
        AdvantageSettings s;
        s.estimator = name;
        s.baseline = baseline;
        s.discount_time = discount_time;
        Reals out;
        estimate_advantage(s, in, out);
        const bool inside = name == "gae" || name == "td_error";
        check_equal(out, [&, &expected = expected](int r) {
          const int begin = p.first(r);
          const int t = (r - begin) / p.copies + (begin < p.copies ? first[Paths::at(begin)] : 0);
          return (expected(r) - (baseline || inside ? value(r) : 0)) * (discount_time ? std::pow(0.9, t) : 1);
        });
      }
}

TEST_CASE("estimators that need V(s) say so, unknown ones list what there is") {
  const Paths p(4, 1, 10);
  AdvantageInput<double> in;
  in.path = p.path();
  in.next_value = p.next_value.data();
  Reals out;
  AdvantageSettings s;
  for (const char* name : {"gae", "td_error", "n_step"}) {
    s.estimator = name;
    s.baseline = false;
    CHECK(message([&] { estimate_advantage(s, in, out); }) ==
          std::string("advantage.estimator: ") + name +
              " needs V(s), and this algorithm has no critic; use return_to_go with advantage.baseline=false, or "
              "algorithm=a2c");
  }
  s.estimator = "return_to_go";
  s.baseline = true;
  CHECK(message([&] { estimate_advantage(s, in, out); }).find("return_to_go with a baseline needs V(s)") !=
        std::string::npos);
  s.baseline = false;
  CHECK_NOTHROW(estimate_advantage(s, in, out));
  s.estimator = "gea";
  CHECK(
      message([&] { estimate_advantage(s, in, out); }) ==
      "advantage.estimator: there is no 'gea'; use one of: total_return, reward_to_go, return_to_go, td_error, n_step, "
      "gae");
  CHECK(message([&] { n_step_return(p.path(), 0.9, 0, p.next_value.data(), out.data()); }) ==
        "n_step_return: n is 0; give at least 1 step");
}

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
  const Paths p(50, 2, 11);
  for (const double factor : {1.0 / 37, 1e-9, 4.0, 1e12}) {
    Reals plain = p.reward, scaled = p.reward, softened = p.reward;
    for (double& x : scaled) x *= factor;
    for (double& x : softened) x *= factor;
    standardise(plain.data(), nullptr, p.rows(), 0, false);
    standardise(scaled.data(), nullptr, p.rows(), 0, false);
    standardise(softened.data(), nullptr, p.rows(), 1e-2, false);
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
