#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
#include <pigrad/nn/distribution.hpp>
#include <vector>

#include "count_allocations.hpp"

using namespace pigrad;

namespace {

std::unique_ptr<Distribution> categorical(int choices) { return make_distribution({}, choices, true, "test"); }
std::unique_ptr<Distribution> gaussian(int dimensions) {
  return make_distribution({.name = "gaussian", .spread = "state"}, dimensions, false, "test");
}

/// Samples of `rows` rows that share the same statistics, or have their own.
template <class T>
struct Samples {
  std::vector<std::int32_t> index;
  std::vector<T> action;  ///< row-major
  std::vector<T> log_prob;
  bool operator==(const Samples&) const = default;
};

template <class T>
Samples<T> sample(const Distribution& d, int rows, const std::vector<T>& statistics, std::uint64_t seed = 1,
                  std::uint32_t stream = 0, std::uint64_t counter = 0) {
  const int width = d.statistics_columns(), columns = d.discrete() ? 0 : d.actions();
  const auto n = static_cast<std::size_t>(rows);
  Samples<T> s{std::vector<std::int32_t>(n), std::vector<T>(n * static_cast<std::size_t>(columns)), std::vector<T>(n)};
  const bool shared = static_cast<int>(statistics.size()) == width;
  d.sample(rows, View<const T>{statistics.data(), 1, shared ? 0 : width}, Random(seed, Purpose::action), stream,
           counter, s.index.data(), View<T>{s.action.data(), 1, columns}, s.log_prob.data());
  return s;
}

/// ln π of the actions on the tape's reference kernels, for outputs that are the statistics of every row.
template <class T>
std::vector<T> tape_log_prob(const Distribution& d, const std::vector<T>& output, const Samples<T>& samples) {
  const int rows = static_cast<int>(samples.log_prob.size());
  Tape tape;
  const Tensor out = tape.input("output", d.network_outputs());
  const Program program = tape.program({{"log_prob", d.log_prob(out, d.action_input(tape, "action"))}});
  Bindings<T> b(program);
  const bool shared = static_cast<int>(output.size()) == d.network_outputs();
  b.input("output", output.data(), 1, shared ? 0 : d.network_outputs());
  if (d.discrete())
    b.index("action", samples.index.data());
  else
    b.input("action", samples.action.data(), 1, d.actions());
  std::vector<T> result(samples.log_prob.size());
  b.output("log_prob", result.data(), 0);
  b.rows(rows);
  Workspace<T> workspace(program, "reference");
  workspace.run(b, Sink<T>::none());
  return result;
}

template <class T>
std::vector<T> logs(const std::vector<double>& probabilities) {
  std::vector<T> out;
  for (const double p : probabilities) out.push_back(static_cast<T>(std::log(p)));
  return out;
}

}  // namespace

TEST_CASE_TEMPLATE("a categorical's frequencies are its probabilities, and nothing impossible is drawn", T, float,
                   double) {
  const std::vector<double> p = {0.05, 0, 0.4, 0.25, 0.001, 0.299, 0};
  const auto d = categorical(7);
  const int n = 400000;
  std::vector<double> count(p.size());
  for (const std::int32_t a : sample<T>(*d, n, logs<T>(p)).index) ++count[static_cast<std::size_t>(a)];
  double chi_square = 0;
  for (std::size_t a = 0; a < p.size(); ++a) {
    if (p[a] == 0) CHECK(count[a] == 0);
    if (p[a] > 0) chi_square += (count[a] - n * p[a]) * (count[a] - n * p[a]) / (n * p[a]);
  }
  CHECK(chi_square < 23.5);  // exceeded once in 10⁴ with 4 degrees of freedom

  const auto sure =
      sample<T>(*d, 1000, {T(-INFINITY), T(-INFINITY), T(0), T(-INFINITY), T(-INFINITY), T(-INFINITY), T(-INFINITY)});
  CHECK(std::all_of(sure.index.begin(), sure.index.end(), [](int a) { return a == 2; }));
}

TEST_CASE("draws of successive counters and of streams are independent: pairs of coins fill four cells alike") {
  const auto d = categorical(2);
  const int n = 50000;
  const std::vector<double> half = logs<double>({0.5, 0.5});
  const auto now = sample(*d, n, half, 1, 0, 7).index, next = sample(*d, n, half, 1, 0, 8).index;
  for (const auto& [first, second] :
       {std::pair{now, next}, {now, std::vector<std::int32_t>(now.rbegin(), now.rend())}}) {
    double cells[4] = {};
    for (std::size_t i = 0; i < first.size() / 2; ++i) ++cells[2 * first[i] + second[i]];
    double chi_square = 0;
    for (const double cell : cells) chi_square += (cell - n / 8.0) * (cell - n / 8.0) / (n / 8.0);
    CHECK(chi_square < 21.2);  // once in 10⁴ with 3 degrees of freedom
  }
}

TEST_CASE_TEMPLATE("a gaussian's moments are its mean and spread, and dimensions are uncorrelated", T, float, double) {
  const auto d = gaussian(3);
  const std::vector<T> statistics = {T(1), T(-2), T(0.5), T(std::log(0.5)), T(std::log(2.0)), T(0)};
  const int n = 200000;
  const auto s = sample<T>(*d, n, statistics);
  double mean[3] = {}, second[3][3] = {}, third[3] = {}, fourth[3] = {};
  for (int r = 0; r < n; ++r) {
    double z[3];
    for (int j = 0; j < 3; ++j) {
      z[j] = (static_cast<double>(s.action[static_cast<std::size_t>(3 * r + j)]) -
              static_cast<double>(statistics[static_cast<std::size_t>(j)])) /
             std::exp(static_cast<double>(statistics[static_cast<std::size_t>(3 + j)]));
      mean[j] += z[j] / n, third[j] += z[j] * z[j] * z[j] / n, fourth[j] += z[j] * z[j] * z[j] * z[j] / n;
    }
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) second[i][j] += z[i] * z[j] / n;
  }
  const double error = 4.5 / std::sqrt(1.0 * n);
  for (int j = 0; j < 3; ++j) {
    CHECK(std::abs(mean[j]) < error);
    CHECK(std::abs(third[j]) < std::sqrt(15.0) * error);
    CHECK(std::abs(fourth[j] - 3) < std::sqrt(96.0) * error);
    for (int i = 0; i < 3; ++i) CHECK(std::abs(second[i][j] - (i == j)) < (i == j ? std::sqrt(2.0) : 1) * error);
  }
}

TEST_CASE_TEMPLATE("the log-probability that sampling returns is the tape's, bit for bit", T, float, double) {
  const auto c = categorical(4);
  const std::vector<T> logits = {T(0.3), T(-1), T(2), T(0.1)};
  Tape tape;
  const Program program = tape.program({{"s", c->statistics(tape.input("x", 4))}});
  Bindings<T> b(program);
  std::vector<T> statistics(4);
  b.input("x", logits.data(), 1, 4);
  b.output("s", statistics.data(), 1, 4);
  b.rows(1);
  Workspace<T>(program, "reference").run(b, Sink<T>::none());
  const auto choice = sample<T>(*c, 500, statistics);
  CHECK(tape_log_prob<T>(*c, logits, choice) == choice.log_prob);

  const auto g = gaussian(3);
  for (const T mean : {T(0.1), T(1000)}) {
    const std::vector<T> output = {mean, -mean, T(0.7), T(-4), T(0.3), T(-0.9)};
    const auto action = sample<T>(*g, 500, output);
    CHECK(tape_log_prob<T>(*g, output, action) == action.log_prob);
  }
}

TEST_CASE_TEMPLATE("the same key gives the same action; seed, stream and counter each change it", T, float, double) {
  const auto check = [](const Distribution& d, const std::vector<T>& statistics) {
    const auto base = sample<T>(d, 64, statistics, 3, 10, 20);
    CHECK(base == sample<T>(d, 64, statistics, 3, 10, 20));
    CHECK(!(base == sample<T>(d, 64, statistics, 4, 10, 20)));
    CHECK(!(base == sample<T>(d, 64, statistics, 3, 10, 21)));
    CHECK(!(base == sample<T>(d, 64, statistics, 3, 200, 20)));
    for (const int row : {0, 1, 5, 63}) {
      const auto alone = sample<T>(d, 1, statistics, 3, 10 + static_cast<std::uint32_t>(row), 20);
      const auto at = static_cast<std::size_t>(row);
      CHECK(alone.index[0] == base.index[at]);
      CHECK(alone.log_prob[0] == base.log_prob[at]);
      for (std::size_t j = 0; j < alone.action.size(); ++j)
        CHECK(alone.action[j] == base.action[at * alone.action.size() + j]);
    }
  };
  check(*categorical(4), logs<T>({0.25, 0.25, 0.25, 0.25}));
  check(*gaussian(3), {T(1), T(2), T(3), T(0), T(-1), T(1)});
}

TEST_CASE("a gaussian never uses a normal twice, within a row or in the next counter, whatever the dimensions") {
  for (const int dimensions : {1, 2, 3, 4}) {
    CAPTURE(dimensions);
    const auto d = gaussian(dimensions);
    const std::vector<double> standard(static_cast<std::size_t>(2 * dimensions), 0.0);
    std::vector<double> all;
    for (std::uint64_t counter = 0; counter < 50; ++counter) {
      const auto s = sample(*d, 20, standard, 1, 0, counter);
      all.insert(all.end(), s.action.begin(), s.action.end());
    }
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  }
}

TEST_CASE("float samples are double ones rounded, but for a choice at the edge of its interval") {
  const auto c = categorical(3);
  const auto wide = sample(*c, 20000, logs<double>({0.2, 0.5, 0.3}));
  const auto narrow = sample(*c, 20000, logs<float>({0.2, 0.5, 0.3}));
  int differ = 0;
  for (std::size_t i = 0; i < wide.index.size(); ++i) differ += wide.index[i] != narrow.index[i];
  CHECK(differ <= 2);

  const auto g = gaussian(2);
  const auto x = sample<double>(*g, 1000, {1, -3, 0.25, -1});
  const auto y = sample<float>(*g, 1000, {1, -3, 0.25, -1});
  for (std::size_t i = 0; i < x.action.size(); ++i) CHECK(y.action[i] == doctest::Approx(x.action[i]).epsilon(1e-6));
}

TEST_CASE_TEMPLATE("the mode is the mean, or the first of the most probable choices", T, float, double) {
  const std::vector<T> statistics = {T(-1), T(-2), T(-1), T(-3),  //
                                     T(-5), T(-5), T(-5), T(-5),  //
                                     T(-3), T(-2), T(-1), T(-0.5)};
  std::int32_t index[3] = {9, 9, 9};
  categorical(4)->mode(3, View<const T>{statistics.data(), 1, 4}, index, View<T>{});
  CHECK(index[0] == 0);
  CHECK(index[1] == 0);
  CHECK(index[2] == 3);
  T action[6] = {};
  gaussian(2)->mode(3, View<const T>{statistics.data(), 1, 4}, nullptr, View<T>{action, 3, 1});
  CHECK(action[0] == T(-1));
  CHECK(action[1] == T(-5));
  CHECK(action[2] == T(-3));
  CHECK(action[5] == T(-2));
}

TEST_CASE("sampling and modes allocate nothing, and go without the log-probability") {
  const auto c = categorical(4), g = gaussian(2);
  const std::vector<float> statistics = {-1, -2, -1, -3};
  const View<const float> view{statistics.data(), 1, 0};
  std::int32_t index[8];
  float action[16];
  const Random random(1, Purpose::action);
  const std::size_t before = pigrad_test::allocations;
  c->sample(8, view, random, 0, 0, index, {}, nullptr);
  c->mode(8, view, index, {});
  g->sample(8, view, random, 0, 0, nullptr, {action, 1, 2}, nullptr);
  g->mode(8, view, nullptr, {action, 1, 2});
  CHECK(pigrad_test::allocations == before);
  CHECK(before > 0);
}

TEST_CASE("a distribution that cannot be made is refused in one line with the cure") {
  const auto refused = [](const DistributionSettings& settings, int actions, bool discrete, const char* message) {
    CHECK_THROWS_WITH_AS(make_distribution(settings, actions, discrete, "Box-v0"), message, Error);
  };
  CHECK(distribution_names() == std::vector<std::string>{"categorical", "gaussian"});
  refused({}, 2, false,
          "distribution: a categorical policy cannot serve Box-v0, whose actions are continuous; use gaussian");
  refused({.name = "gaussian"}, 2, true,
          "distribution: a gaussian policy cannot serve Box-v0, whose actions are discrete; use categorical");
  refused({.name = "beta"}, 2, false, "distribution: there is no 'beta'; use one of: categorical, gaussian");
  refused({.log_prob = "softmax"}, 2, true,
          "distribution.log_prob: there is no 'softmax'; use log_softmax or log_of_softmax");
  refused({.spread = "free"}, 2, true, "distribution.spread: there is no 'free'; use fixed, learned or state");
  refused({.spread_is = "std"}, 2, true, "distribution.spread_is: there is no 'std'; use log_std or log_variance");
  refused({}, 0, true, "distribution: 0 actions; give at least one choice or dimension");
  refused({.name = "gaussian", .initial_spread = std::nan("")}, 1, false,
          "distribution.initial_spread: it is not a finite number; give the log of a deviation or variance, such as 0");

  const auto d = make_distribution({.name = "gaussian"}, 2, false, "test");
  Tape tape;
  CHECK_THROWS_WITH_AS(d->entropy(tape.input("output", 2)), doctest::Contains("call add_parameters"), Error);
}
