#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
#include <vector>

#include "bound.hpp"

using namespace pigrad;
using pigrad_test::Bound;

namespace {

/// The mean square of two layers' error: inputs, a hidden layer, outputs.
Program two_layers(int inputs, int hidden, int outputs, Tensor (*activation)(const Tensor&), bool of_input = false) {
  ParameterLayout layout;
  layout.add("w1", hidden, inputs);
  layout.add("b1", 1, hidden);
  layout.add("w2", outputs, hidden);
  layout.add("b2", 1, outputs);
  Tape tape(layout);
  const Tensor x = tape.input("x", inputs, of_input), target = tape.input("target", outputs);
  const Tensor h = activation(affine(x, tape.parameter("w1"), tape.parameter("b1")));
  return tape.program(mean(square(affine(h, tape.parameter("w2"), tape.parameter("b2")) - target)));
}

template <class T>
struct Found {
  T loss;
  std::vector<T> gradient;
};

/// @param check goes layer by layer, in the same blocks
template <class T>
Found<T> found(Workspace<T>& workspace, const Bound<T>& bound, bool check, int threads = 1) {
  Found<T> f{0, std::vector<T>(bound.size)};
  RunOptions options;
  options.check = check;
  options.outputs = false;
  options.threads = threads;
  f.loss = workspace.run(bound.bindings, Sink<T>::sum(f.gradient.data()), options).loss;
  return f;
}

template <class T>
double distance(const std::vector<T>& a, const std::vector<T>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    const double apart = std::abs(x - y) / (1 + std::abs(x));
    if (!(apart <= most)) most = apart;
  }
  return most;
}

}  // namespace

TEST_CASE_TEMPLATE("two layers in one pass have the loss's bits and the gradient of each by itself", T, float, double) {
  Tensor (*const activations[])(const Tensor&) = {&tanh, &relu, &elu};
  const double near = sizeof(T) == 4 ? 2e-6 : 4e-15;
  for (const std::string& backend : backend_names())
    for (const auto activation : activations)
      for (const int inputs : {1, 3, 4, 5, 6, 7, 8, 9})
        for (const int outputs : {1, 2, 3})
          for (const int hidden : {1, 7, 64}) {
            const Program program = two_layers(inputs, hidden, outputs, activation);
            Workspace<T> workspace(program, backend);
            for (const int rows : {1, 16, 97, 250}) {
              const Bound<T> bound(program, rows);
              const Found<T> fast = found(workspace, bound, false), plain = found(workspace, bound, true);
              CAPTURE(backend);
              CAPTURE(inputs);
              CAPTURE(hidden);
              CAPTURE(outputs);
              CAPTURE(rows);
              CHECK(fast.loss == plain.loss);
              CHECK(distance(fast.gradient, plain.gradient) < near);
            }
          }
}

TEST_CASE_TEMPLATE("two layers in one pass: any threads, the same bits", T, float, double) {
  const Program program = two_layers(4, 64, 1, &relu);
  Workspace<T> workspace(program);
  const Bound<T> bound(program, 2000);
  const Found<T> one = found(workspace, bound, false, 1);
  for (const int threads : {2, 3, 8}) {
    const Found<T> many = found(workspace, bound, false, threads);
    CHECK(many.loss == one.loss);
    CHECK(many.gradient == one.gradient);
  }
}

TEST_CASE_TEMPLATE("two layers in one pass: rows of an earlier run count for nothing", T, float, double) {
  for (const std::string& backend : backend_names()) {
    const Program program = two_layers(4, 64, 1, &relu);
    Workspace<T> used(program, backend), fresh(program, backend);
    Bound<T> before(program, 96);
    for (auto& input : before.inputs)
      for (T& x : input) x = std::numeric_limits<T>::quiet_NaN();
    CHECK(std::isnan(found(used, before, false).loss));
    const Bound<T> bound(program, 83);
    const Found<T> after = found(used, bound, false), first = found(fresh, bound, false);
    CHECK(after.loss == first.loss);
    CHECK(after.gradient == first.gradient);
    CHECK(std::isfinite(static_cast<double>(distance(after.gradient, std::vector<T>(bound.size)))));
  }
}

TEST_CASE_TEMPLATE("two layers whose input wants its adjoint go one by one", T, float, double) {
  const double near = sizeof(T) == 4 ? 2e-6 : 4e-15;
  for (const std::string& backend : backend_names()) {
    const Program program = two_layers(4, 64, 1, &relu, true);
    Workspace<T> workspace(program, backend);
    const Bound<T> bound(program, 97);
    CHECK(distance(found(workspace, bound, false).gradient, found(workspace, bound, true).gradient) < near);
  }
}
