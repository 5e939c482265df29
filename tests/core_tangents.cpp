#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>

using namespace pigrad;

namespace {

constexpr int rows = 130, features = 3;

/// Reads a batch of three columns and a fixed input, and mixes both with parameters.
Program program() {
  ParameterLayout layout;
  layout.add("w", 4, features), layout.add("b", 1, 4);
  Tape t(layout);
  const Tensor x = t.input("x", features), scale = t.fixed_input("scale", 1, 4);
  const Tensor y = tanh(affine(x, t.parameter("w"), t.parameter("b"))) * exp(scale);
  return t.program(mean(square(sum(y, Axis::columns))), {{"y", y}});
}

std::vector<double> wave(int count, double from, double size) {
  std::vector<double> all(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = size * std::sin(from + 1.7 * static_cast<double>(i));
  return all;
}

struct Along {
  double loss, tangent;
  std::vector<double> gradient, change;
};

}  // namespace

TEST_CASE("tangents of inputs: the loss and its gradient move as differences say") {
  const Program p = program();
  const std::vector<double> w = wave(16, 0.2, 0.7), x = wave(rows * features, 1, 1.2), scale = wave(4, 2, 0.3),
                            x_dot = wave(rows * features, 3, 1), scale_dot = wave(4, 4, 1);
  std::vector<std::int32_t> order(rows);
  for (int r = 0; r < rows; ++r) order[static_cast<std::size_t>(r)] = (r * 7 + 3) % rows;
  const auto moved = [](std::vector<double> a, const std::vector<double>& by, double step) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += step * by[i];
    return a;
  };
  for (const bool ordered : {false, true})
    for (const bool batch : {true, false})
      for (const bool fixed : {true, false})
        for (const bool row_major : {false, true}) {
          CAPTURE(ordered);
          CAPTURE(batch);
          CAPTURE(fixed);
          const std::ptrdiff_t column = row_major ? 1 : rows, row = row_major ? features : 1;
          const auto bind = [&](Bindings<double>& b, const std::vector<double>& x_at,
                                const std::vector<double>& scale_at) {
            b.parameters(w.data());
            b.rows(rows);
            if (ordered) b.order(order.data());
            b.input("x", x_at.data(), column, row);
            b.input("scale", scale_at.data(), 1);
          };
          Bindings<double> bindings(p);
          bind(bindings, x, scale);
          if (batch) bindings.input_tangent("x", x_dot.data(), column, row);
          if (fixed) bindings.input_tangent("scale", scale_dot.data(), 1);
          Along dual{0, 0, std::vector<double>(16), std::vector<double>(16)};
          Workspace<Dual<double>> workspace(p);
          dual.tangent = workspace.run(bindings, Sink<double>::sum(dual.gradient.data(), dual.change.data())).tangent;
          Along ends[2];
          constexpr double h = 1e-5;
          for (const int side : {0, 1}) {
            const double step = side ? h : -h;
            const auto x_at = moved(x, x_dot, batch ? step : 0), scale_at = moved(scale, scale_dot, fixed ? step : 0);
            Bindings<double> there(p);
            bind(there, x_at, scale_at);
            ends[side].gradient.resize(16);
            Workspace<double> plain(p);
            ends[side].loss = plain.run(there, Sink<double>::sum(ends[side].gradient.data())).loss;
          }
          CHECK(dual.tangent == doctest::Approx((ends[1].loss - ends[0].loss) / (2 * h)).epsilon(1e-7));
          CHECK((batch || fixed) == (dual.tangent != 0));
          for (std::size_t i = 0; i < 16; ++i)
            CHECK(dual.change[i] ==
                  doctest::Approx((ends[1].gradient[i] - ends[0].gradient[i]) / (2 * h)).epsilon(1e-6));

          bindings.input_tangent("x", nullptr, 1);
          bindings.input_tangent("scale", nullptr, 1);
          const double still =
              workspace.run(bindings, Sink<double>::sum(dual.gradient.data(), dual.change.data())).tangent;
          CHECK(still == 0);
          CHECK(std::all_of(dual.change.begin(), dual.change.end(), [](double g) { return g == 0; }));
        }
}

TEST_CASE("at equal arms the tangent is the mean of theirs") {
  const Dual<double> a(1, 2), b(1, 5), more(3, 7);
  CHECK(Max::value(a, b).t == 3.5);
  CHECK(Min::value(a, b).t == 3.5);
  CHECK(Max::value(a, more).t == 7);
  CHECK(Min::value(a, more).t == 2);
}

TEST_CASE("integers have no tangent") {
  Tape t{ParameterLayout{}};
  const Tensor x = t.input("x", 3), i = t.index("i");
  const Program p = t.program({{"y", gather(x, i)}});
  Bindings<double> bindings(p);
  const double one = 1;
  CHECK_THROWS_WITH_AS(bindings.input_tangent("i", &one, 1),
                       "i: this input holds integers; leave its tangent out: integers have none", Error);
}
