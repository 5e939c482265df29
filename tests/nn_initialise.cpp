#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <pigrad/nn/initialise.hpp>
#include <utility>
#include <vector>

using namespace pigrad;
using Kind = Initialiser::Kind;

namespace {

template <class T = double>
std::vector<T> make(const Initialiser& how, int rows, int columns, int fan_in, std::uint32_t stream = 0,
                    std::uint64_t seed = 1) {
  std::vector<T> data(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns), T(99));
  initialise(how, data.data(), rows, columns, fan_in, Random(seed, Purpose::initialise), stream);
  return data;
}

struct Moments {
  double mean = 0, deviation = 0, least = 1e300, most = -1e300;
};

Moments moments(const std::vector<double>& data) {
  Moments m;
  const auto n = static_cast<double>(data.size());
  for (double x : data) m.mean += x / n, m.least = std::min(m.least, x), m.most = std::max(m.most, x);
  for (double x : data) m.deviation += (x - m.mean) * (x - m.mean) / n;
  m.deviation = std::sqrt(m.deviation);
  return m;
}

void check_uniform(const std::vector<double>& data, double bound) {
  const Moments m = moments(data);
  const double n = static_cast<double>(data.size());
  CHECK(m.least >= -bound);
  CHECK(m.most <= bound);
  CHECK(m.least < -0.999 * bound);
  CHECK(m.most > 0.999 * bound);
  CHECK(std::abs(m.mean) < 4 * bound / std::sqrt(3 * n));
  CHECK(m.deviation == doctest::Approx(bound / std::sqrt(3.0)).epsilon(0.02));
}

}  // namespace

TEST_CASE("PyTorch's default is uniform within one over the root of fan_in, for weights and biases") {
  check_uniform(make({Kind::pytorch}, 400, 64, 64), 1.0 / 8);
  check_uniform(make({Kind::pytorch}, 20000, 1, 4), 1.0 / 2);
}

TEST_CASE("Xavier's bound and deviation follow both fans and the gain") {
  check_uniform(make({Kind::xavier_uniform, 2.0}, 300, 100, 100), 2 * std::sqrt(6.0 / 400));
  const Moments m = moments(make({Kind::xavier_normal, 3.0}, 300, 100, 100));
  const double deviation = 3 * std::sqrt(2.0 / 400);
  CHECK(m.deviation == doctest::Approx(deviation).epsilon(0.02));
  CHECK(std::abs(m.mean) < 4 * deviation / std::sqrt(30000.0));
  CHECK(m.most > 3 * deviation);
}

TEST_CASE("orthogonal matrices have orthonormal rows or columns, times the gain") {
  const double gain = std::sqrt(2.0);
  for (const auto& sides : {std::pair{64, 64}, {64, 4}, {2, 64}, {1, 1}, {1, 7}, {7, 1}}) {
    const int rows = sides.first, columns = sides.second;
    CAPTURE(rows);
    CAPTURE(columns);
    const auto q = make({Kind::orthogonal, gain}, rows, columns, columns);
    const int narrow = std::min(rows, columns), tall = std::max(rows, columns);
    const auto at = [&](int along, int i) {
      return rows >= columns ? q[static_cast<std::size_t>(along * columns + i)]
                             : q[static_cast<std::size_t>(i * columns + along)];
    };
    double worst = 0;
    for (int i = 0; i < narrow; ++i)
      for (int j = 0; j < narrow; ++j) {
        double dot = 0;
        for (int k = 0; k < tall; ++k) dot += at(k, i) * at(k, j);
        worst = std::max(worst, std::abs(dot - (i == j ? gain * gain : 0)));
      }
    CHECK(worst < 1e-12);
  }
}

TEST_CASE("orthogonal matrices are uniform: a column's first element has mean 0 and variance 1/n") {
  const int draws = 4000, n = 5;
  double sum = 0, squares = 0;
  for (std::uint32_t stream = 0; stream < draws; ++stream) {
    const double x = make({Kind::orthogonal}, n, n, n, stream)[0];
    sum += x, squares += x * x;
  }
  CHECK(std::abs(sum / draws) < 4 / std::sqrt(1.0 * n * draws));
  CHECK(squares / draws == doctest::Approx(1.0 / n).epsilon(0.08));
}

TEST_CASE("the same key gives the same bits, another seed or segment gives others, and float is double rounded") {
  for (const char* text : {"pytorch", "orthogonal:0.01", "xavier_uniform", "xavier_normal"}) {
    CAPTURE(text);
    const Initialiser how = Initialiser::parse(text);
    const auto first = make(how, 6, 5, 5, 3);
    CHECK(first == make(how, 6, 5, 5, 3));
    CHECK(first != make(how, 6, 5, 5, 4));
    CHECK(first != make(how, 6, 5, 5, 3, 2));
    const auto single = make<float>(how, 6, 5, 5, 3);
    for (std::size_t i = 0; i < first.size(); ++i) CHECK(single[i] == static_cast<float>(first[i]));
  }
  const auto few = make({Kind::pytorch}, 2, 5, 5), many = make({Kind::pytorch}, 9, 5, 5);
  CHECK(std::equal(few.begin(), few.end(), many.begin()));
}

TEST_CASE("segments of a parameter vector are filled by name, in any order, and the version moves") {
  ParameterLayout layout;
  layout.add("first.weight", 3, 4);
  layout.add("first.bias", 3, 1);
  Parameters<double> forward(layout), backward(layout);
  const auto version = forward.version();
  initialise({}, forward, "first.weight", 7);
  initialise({}, forward, "first.bias", 7, 4);
  initialise({}, backward, "first.bias", 7, 4);
  initialise({}, backward, "first.weight", 7);
  CHECK(forward.version() != version);
  CHECK(std::equal(forward.data(), forward.data() + forward.size(), backward.data()));
  CHECK(std::all_of(forward.data(), forward.data() + 15, [](double x) { return std::abs(x) <= 0.5 && x != 0; }));
  CHECK(forward.data()[0] != forward.data("first.bias")[0]);
  CHECK_THROWS_AS(initialise({}, forward, "second.weight", 7), Error);
}

TEST_CASE("initialisers are read from text, and anything else is refused") {
  CHECK(make(Initialiser::parse("zeros"), 1, 3, 3) == std::vector<double>{0, 0, 0});
  CHECK(make(Initialiser::parse("constant:-0.5"), 1, 3, 3) == std::vector<double>{-0.5, -0.5, -0.5});
  CHECK(Initialiser::parse("orthogonal:0.01").gain == 0.01);
  for (const char* text : {"", "kaiming", "zeros:1", "constant", "constant:", "constant:x", "constant:1,2",
                           "orthogonal:1.4.1", "orthogonal:inf", "pytorch:2", "orthogonal:1 "}) {
    CAPTURE(text);
    CHECK_THROWS_AS(Initialiser::parse(text), Error);
  }
  CHECK_THROWS_AS(make({}, 0, 3, 3), Error);
  CHECK_THROWS_AS(make({}, 3, 3, 0), Error);
  CHECK_THROWS_AS(make({Kind::orthogonal, std::nan("")}, 3, 3, 3), Error);
  CHECK_THROWS_AS(make({Kind::constant, 1, std::numeric_limits<double>::infinity()}, 3, 3, 3), Error);
}
