#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>

using namespace pigrad;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
bool agrees(T found, double expected) {
  if (std::isnan(expected)) return std::isnan(found);
  if (std::isinf(expected)) return static_cast<double>(found) == expected;
  const double scale = std::max(1e-30, std::abs(expected));
  return std::abs(static_cast<double>(found) - expected) <= (sizeof(T) == 4 ? 4e-7 : 4e-16) * scale;
}

/// One row through an op with ȳ = 1 in every column: value and adjoint.
template <class T>
struct RowResult {
  std::vector<T> y, x_bar;
};
template <class T>
RowResult<T> through(Tensor (*op)(const Tensor&), const std::vector<double>& row, const std::string& backend,
                     std::vector<double> cotangent = {}) {
  Tape t;
  const int width = static_cast<int>(row.size());
  const Tensor x = t.input("x", width, true);
  const Tensor y = op(x);
  const int out = y.shape().columns;
  if (cotangent.empty()) cotangent.assign(static_cast<std::size_t>(out), 1);
  const Program program = t.program(sum(y * t.constant(1, out, cotangent)), {{"y", y}});
  // Seventeen equal rows: vector and tail lanes both.
  constexpr int rows = 17;
  std::vector<T> values, outputs(static_cast<std::size_t>(out * rows));
  for (const double v : row) values.insert(values.end(), rows, static_cast<T>(v));
  Bindings<T> b(program);
  b.input("x", values.data(), rows);
  b.output("y", outputs.data(), rows);
  b.rows(rows);
  Workspace<T> workspace(program, backend);
  workspace.run(b, Sink<T>::sum(nullptr), {.keep = true});
  const View<const T> bar = workspace.adjoint(x.id());
  RowResult<T> result;
  for (int c = 0; c < out; ++c) result.y.push_back(outputs[static_cast<std::size_t>(c * rows + rows - 1)]);
  for (int c = 0; c < width; ++c) {
    result.x_bar.push_back(bar.data[c * bar.column_stride + (rows - 1) * bar.row_stride]);
    const T first = bar.data[c * bar.column_stride];
    CHECK((first == result.x_bar.back() || (std::isnan(first) && std::isnan(result.x_bar.back()))));
  }
  return result;
}

struct Edge {
  const char* what;
  Tensor (*op)(const Tensor&);
  double x, y, x_bar;
};

}  // namespace

TEST_CASE_TEMPLATE("element-wise ops at their edges give what their headers promise", T, float, double) {
  const auto clamped = +[](const Tensor& x) { return clamp(x, -1, 1); };
  const auto squared = +[](const Tensor& x) { return square(x); };
  const auto to_the_row = +[](const Tensor& x) { return where(x, x * 2.0, x * 3.0); };
  const auto negated = +[](const Tensor& x) { return -x; };
  const auto over = +[](const Tensor& x) { return 1.0 / x; };
  const auto at_least = +[](const Tensor& x) { return max(x, 0.0 * x); };
  const auto at_most = +[](const Tensor& x) { return min(x, x.tape().constant(0.0)); };
  const std::vector<Edge> edges{{"abs", abs, 0, 0, 0},
                                {"abs", abs, -inf, inf, -1},
                                {"abs", abs, not_a_number, not_a_number, 0},
                                {"clamp", clamped, 1, 1, 1},
                                {"clamp", clamped, -1, -1, 1},
                                {"clamp", clamped, inf, 1, 0},
                                {"clamp", clamped, -inf, -1, 0},
                                {"clamp", clamped, not_a_number, not_a_number, 0},
                                {"elu", elu, 0, 0, 1},
                                {"elu", elu, -inf, -1, 0},
                                {"elu", elu, inf, inf, 1},
                                {"elu", elu, not_a_number, not_a_number, not_a_number},
                                {"exp", exp, -inf, 0, 0},
                                {"exp", exp, inf, inf, inf},
                                {"exp", exp, not_a_number, not_a_number, not_a_number},
                                {"exp", exp, 0, 1, 1},
                                {"log", log, 0, -inf, inf},
                                {"log", log, -1, not_a_number, -1},
                                {"log", log, inf, inf, 0},
                                {"log", log, not_a_number, not_a_number, not_a_number},
                                {"neg", negated, inf, -inf, -1},
                                {"relu", relu, 0, 0, 0},
                                {"relu", relu, -inf, 0, 0},
                                {"relu", relu, inf, inf, 1},
                                {"relu", relu, not_a_number, not_a_number, 0},
                                {"sigmoid", sigmoid, inf, 1, 0},
                                {"sigmoid", sigmoid, -inf, 0, 0},
                                {"sigmoid", sigmoid, 0, 0.5, 0.25},
                                {"sigmoid", sigmoid, not_a_number, not_a_number, not_a_number},
                                {"sigmoid", sigmoid, 1000, 1, 0},
                                {"sigmoid", sigmoid, -1000, 0, 0},
                                {"softplus", softplus, -inf, 0, 0},
                                {"softplus", softplus, inf, inf, 1},
                                {"softplus", softplus, not_a_number, not_a_number, not_a_number},
                                {"softplus", softplus, 1000, 1000, 1},
                                {"softplus", softplus, -1000, 0, 0},
                                {"sqrt", sqrt, 0, 0, inf},
                                {"sqrt", sqrt, -1, not_a_number, not_a_number},
                                {"sqrt", sqrt, inf, inf, 0},
                                {"sqrt", sqrt, not_a_number, not_a_number, not_a_number},
                                {"square", squared, inf, inf, inf},
                                {"square", squared, not_a_number, not_a_number, not_a_number},
                                {"tanh", tanh, inf, 1, 0},
                                {"tanh", tanh, -inf, -1, 0},
                                {"tanh", tanh, 0, 0, 1},
                                {"tanh", tanh, not_a_number, not_a_number, not_a_number},
                                {"tanh", tanh, 400, 1, 0},
                                {"where", to_the_row, 0, 0, 3},
                                {"where", to_the_row, not_a_number, not_a_number, 3},
                                {"where", to_the_row, inf, inf, 2},
                                {"div", over, 0, inf, -inf},
                                {"div", over, inf, 0, 0},
                                {"max, equal arms", at_least, 0, 0, 0.5},
                                {"min, equal arms", at_most, 0, 0, 0.5},
                                {"min", at_most, not_a_number, not_a_number, 0},
                                {"min", at_most, -inf, -inf, 1},
                                {"min", at_most, inf, 0, 0}};
  for (const std::string& backend : backend_names())
    for (const Edge& e : edges) {
      CAPTURE(backend);
      CAPTURE(e.what);
      CAPTURE(e.x);
      const auto result = through<T>(e.op, {e.x}, backend);
      CAPTURE(result.y[0]);
      CAPTURE(result.x_bar[0]);
      CHECK(agrees(result.y[0], e.y));
      CHECK(agrees(result.x_bar[0], e.x_bar));
    }
}

TEST_CASE_TEMPLATE("min and max keep a NaN of either arm", T, float, double) {
  for (const std::string& backend : backend_names())
    for (const auto op : {+[](const Tensor& x) { return min(slice(x, 0, 1), slice(x, 1, 1)); },
                          +[](const Tensor& x) { return max(slice(x, 0, 1), slice(x, 1, 1)); }}) {
      CHECK(std::isnan(through<T>(op, {not_a_number, 1}, backend).y[0]));
      CHECK(std::isnan(through<T>(op, {1, not_a_number}, backend).y[0]));
      CHECK(through<T>(op, {1, 1}, backend).x_bar == std::vector<T>{T(0.5), T(0.5)});
    }
}

TEST_CASE_TEMPLATE("softmax's family at its edges gives what its header promises", T, float, double) {
  const double third = 1.0 / 3, ln3 = std::log(3.0);
  for (const std::string& backend : backend_names()) {
    CAPTURE(backend);
    const auto expect = [&](Tensor (*op)(const Tensor&), const std::vector<double>& row, const std::vector<double>& y,
                            const std::vector<double>& x_bar, const std::vector<double>& cotangent = {}) {
      const auto r = through<T>(op, row, backend, cotangent);
      for (std::size_t i = 0; i < y.size(); ++i) {
        CAPTURE(i);
        CAPTURE(r.y[i]);
        CHECK(agrees(r.y[i], y[i]));
      }
      for (std::size_t i = 0; i < x_bar.size(); ++i) {
        CAPTURE(i);
        CAPTURE(r.x_bar[i]);
        CHECK(agrees(r.x_bar[i], x_bar[i]));
      }
    };
    expect(logsumexp, {-inf, -inf, -inf}, {-inf}, {third, third, third});
    expect(softmax, {-inf, -inf, -inf}, {third, third, third}, {2 * third, -third, -third}, {2, -1, -1});
    expect(log_softmax, {-inf, -inf, -inf}, {-ln3, -ln3, -ln3}, {2, -1, -1}, {2, -1, -1});
    expect(logsumexp, {-inf, 2, -inf}, {2}, {0, 1, 0});
    expect(softmax, {-inf, 2, -inf}, {0, 1, 0}, {0, 0, 0}, {1, 2, 3});
    expect(log_softmax, {-inf, 2, -inf}, {-inf, 0, -inf}, {0, 0, 0}, {0, 1, 0});
    expect(logsumexp, {1e4, 1e4}, {1e4 + std::log(2.0)}, {});
    expect(logsumexp, {-1e4, -1e4}, {-1e4 + std::log(2.0)}, {});
    expect(softmax, {1e4, -1e4}, {1, 0}, {0, 0}, {3, 5});
    expect(log_softmax, {1e4, -1e4}, {0, -2e4}, {0, 0}, {1, 0});
    expect(log_softmax, {1e4, -1e4}, {0, -2e4}, {-1, 1}, {0, 1});
    for (const auto op : {logsumexp, softmax, log_softmax})
      for (const auto& row : {std::vector<double>{-inf, not_a_number, -inf},
                              {not_a_number, -inf, -inf},
                              {not_a_number, 1, 2},
                              {1, 2, not_a_number},
                              {1, inf, 2},
                              {-inf, inf, -inf}}) {
        CAPTURE(row[0]);
        CAPTURE(row[1]);
        for (const T y : through<T>(op, row, backend).y) CHECK(std::isnan(y));
      }
  }
}
