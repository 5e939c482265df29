#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/backend.hpp>
#include <pigrad/lab/check.hpp>

#include "bound.hpp"
#include "programs.hpp"

using namespace pigrad;
using namespace pigrad_test;

TEST_CASE("whole losses pass the judge, row-mixing ones too") {
  auto programs = row_local_programs();
  programs.push_back({"normalised", normalised_program()});
  for (const NamedProgram& it : programs)
    for (const int rows : {1, 33, 250})
      for (const std::string& backend : backend_names()) {
        if (it.name == "normalised" && rows == 1) continue;
        CAPTURE(it.name);
        CAPTURE(rows);
        CAPTURE(backend);
        Bound<double> bound(it.program, rows);
        CheckOptions options;
        options.backend = backend;
        options.entries = 12;
        const CheckReport report = check_gradient(it.program, bound.bindings, bound.parameters, options);
        CHECK_MESSAGE(report.ok, report.words);
        CHECK(report.compared > 10);
      }
}

TEST_CASE("the judge names a wrong gradient") {
  const OpCase wrong{
      "stopped", {{Shape::batch(2)}}, [](const std::vector<Tensor>& x) { return square(x[0]) + stop_gradient(x[0]); }};
  const CheckReport report = check_gradient(wrong);
  CHECK_FALSE(report.ok);
  CHECK(report.worst > 0.1);
  CHECK(report.where.find("operand 0 [") == 0);
  CHECK(report.words.find("the adjoint gives") != std::string::npos);
  const OpCase broken{"nan", {{Shape::batch(2)}}, [](const std::vector<Tensor>& x) { return log(x[0] - 10.0); }};
  CHECK_FALSE(check_gradient(broken).ok);
}

TEST_CASE("a row-mixing program runs as one block, says why, and has no per-sample gradients") {
  const Program program = normalised_program();
  CHECK(program.row_mixing());
  Bound<double> bound(program, 250);
  Workspace<double> workspace(program);
  std::vector<double> all(bound.size * 250);
  const char* words =
      "run: no sample has a gradient of its own: '' (sub) gives each row a value that needs the whole batch; use "
      "Sink::sum, or bind that statistic as an input";
  CHECK_THROWS_WITH_AS(workspace.run(bound.bindings, Sink<double>::rows(all.data())), words, Error);
  workspace.run(bound.bindings, {}, {.threads = 3});
  for (int c = 0; c < 2; ++c) {
    double mean = 0;
    for (int r = 0; r < 250; ++r) mean += bound.outputs[0][static_cast<std::size_t>(c * 250 + r)] / 250;
    CHECK(std::abs(mean) < 1e-14);
  }
}

TEST_CASE("a dual workspace that has run a larger batch gives what a fresh one gives") {
  for (const auto& program : {normalised_program(), gaussian_program()}) {
    Bound<double> large(program, 300), small(program, 50);
    const std::vector<double>& v = large.parameters;
    Workspace<Dual<double>> used(program), fresh(program);
    std::vector<double> g(large.size), first(large.size), second(large.size);
    for (const bool keep : {true, false}) {
      large.bindings.parameters(v.data(), v.data());
      small.bindings.parameters(v.data(), v.data());
      used.run(large.bindings, Sink<double>::sum(g.data(), first.data()), {.keep = keep});
      const double t1 = used.run(small.bindings, Sink<double>::sum(g.data(), first.data()), {.keep = keep}).tangent;
      const double t2 = fresh.run(small.bindings, Sink<double>::sum(g.data(), second.data()), {.keep = keep}).tangent;
      CHECK(t1 == t2);
      CHECK(first == second);
    }
  }
}

TEST_CASE("stop_gradient drops the adjoint and the tangent") {
  ParameterLayout layout;
  layout.add("w", 1, 3);
  Tape t(layout);
  const Tensor x = t.input("x", 3), w = t.parameter("w");
  const Tensor y = stop_gradient(x * w);
  const Program program = t.program(sum(y) + 0.0 * sum(w), {{"y", y}});
  Bound<double> bound(program, 130);
  std::vector<double> g(3, 7), h(3, 7), v(3, 1);
  Workspace<double> reals(program);
  CHECK(reals.run(bound.bindings, Sink<double>::sum(g.data())).loss != 0);
  CHECK(g == std::vector<double>(3, 0));
  CHECK(bound.outputs[0][5] == bound.inputs[0][5] * bound.parameters[0]);
  Workspace<Dual<double>> duals(program);
  bound.bindings.parameters(bound.parameters.data(), v.data());
  g.assign(3, 7);
  CHECK(duals.run(bound.bindings, Sink<double>::sum(g.data(), h.data())).tangent == 0);
  CHECK(g == std::vector<double>(3, 0));
  CHECK(h == std::vector<double>(3, 0));
}

TEST_CASE("the Hessian-vector product of KL(stop(π)‖π) is the true Fisher's product") {
  ParameterLayout layout;
  layout.add("w", 3, 4), layout.add("b", 1, 3);
  Tape t(layout);
  const Tensor x = t.input("x", 4);
  const Tensor log_p = log_softmax(affine(x, t.parameter("w"), t.parameter("b")));
  const Tensor fixed = stop_gradient(log_p);
  const Program program = t.program(mean(sum(exp(fixed) * (fixed - log_p), Axis::columns)), {{"log_p", log_p}});
  constexpr int rows = 140;
  Bound<double> bound(program, rows);
  std::vector<double> v(15), g(15), product(15), expected(15);
  for (std::size_t i = 0; i < 15; ++i) v[i] = std::cos(static_cast<double>(i));
  bound.bindings.parameters(bound.parameters.data(), v.data());
  Workspace<Dual<double>> workspace(program);
  const auto result = workspace.run(bound.bindings, Sink<double>::sum(g.data(), product.data()));
  CHECK(std::abs(result.loss) < 1e-15);
  for (const double entry : g) CHECK(std::abs(entry) < 1e-15);
  for (std::size_t r = 0; r < rows; ++r) {
    double p[3], u[3], along = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      p[k] = std::exp(bound.outputs[0][k * rows + r]);
      u[k] = v[12 + k];
      for (std::size_t j = 0; j < 4; ++j) u[k] += v[k * 4 + j] * bound.inputs[0][j * rows + r];
      along += p[k] * u[k];
    }
    for (std::size_t k = 0; k < 3; ++k) {
      const double s = p[k] * (u[k] - along) / rows;
      for (std::size_t j = 0; j < 4; ++j) expected[k * 4 + j] += s * bound.inputs[0][j * rows + r];
      expected[12 + k] += s;
    }
  }
  for (std::size_t i = 0; i < 15; ++i) CHECK(product[i] == doctest::Approx(expected[i]).epsilon(1e-12));
}

TEST_CASE("random graphs of ops pass the judge") {
  const Random random(11, Purpose::test);
  int mixing = 0, judged = 0;
  for (std::uint32_t graph = 0; graph < 80; ++graph) {
    std::uint64_t counter = 0;
    const auto below = [&](std::size_t n) {
      return static_cast<std::size_t>(random.uniform<double>(graph, counter++) * static_cast<double>(n));
    };
    ParameterLayout layout;
    layout.add("scalar", 1, 1), layout.add("row", 1, 3), layout.add("w", 3, 3);
    Tape t(layout);
    const Tensor row = t.parameter("row"), w = t.parameter("w");
    std::vector<Tensor> pool{t.input("x", 3), t.input("y", 1), t.parameter("scalar"), row, w};
    for (int step = 0; step < 14; ++step) {
      const Tensor a = pool[below(pool.size())], b = pool[below(pool.size())];
      try {
        // clang-format off
        switch (below(24)) {
          case 0: pool.push_back(tanh(a + b)); break;
          case 1: pool.push_back(tanh(a - b)); break;
          case 2: pool.push_back(tanh(a) * tanh(b)); break;
          case 3: pool.push_back(a / (softplus(b) + 1.0)); break;
          case 4: pool.push_back(exp(tanh(a))); break;
          case 5: pool.push_back(log(square(a) + 1.0)); break;
          case 6: pool.push_back(sigmoid(a)); break;
          case 7: pool.push_back(elu(a)); break;
          case 8: pool.push_back(relu(a)); break;
          case 9: pool.push_back(abs(a)); break;
          case 10: pool.push_back(sqrt(square(a) + 0.5)); break;
          case 11: pool.push_back(min(a, b)); break;
          case 12: pool.push_back(max(a, b)); break;
          case 13: pool.push_back(where(a, b, row)); break;
          case 14: pool.push_back(log_softmax(a)); break;
          case 15: pool.push_back(softmax(a)); break;
          case 16: pool.push_back(logsumexp(a)); break;
          case 17: pool.push_back(affine(a, w, row)); break;
          case 18: pool.push_back(matmul(a, tanh(w))); break;
          case 19: pool.push_back(slice(concatenate(a, b), 1, 2)); break;
          case 20: pool.push_back(mean(a, Axis::columns)); break;
          case 21: pool.push_back(sum(tanh(a), Axis::columns)); break;
          case 22: pool.push_back(expand(b, a)); break;
          case 23: pool.push_back(mean(a, graph % 3 ? Axis::rows : Axis::columns)); break;
        }
        // clang-format on
      } catch (const Error&) {
      }
    }
    Tensor loss = mean(square(row)) + mean(w);
    for (std::size_t i = pool.size() > 9 ? pool.size() - 4 : 5; i < pool.size(); ++i)
      loss = loss + (1.0 + 0.3 * static_cast<double>(i)) * mean(square(pool[i]) + pool[i]);
    const Program program = t.program(loss);
    mixing += program.row_mixing();
    Bound<double> bound(program, 101);
    CheckOptions options;
    options.entries = 6;
    options.tolerance = 1e-6;
    options.seed = graph;
    const CheckReport report = check_gradient(program, bound.bindings, bound.parameters, options);
    CAPTURE(graph);
    CHECK_MESSAGE(report.ok, report.words, "\n", program.table());
    judged += report.compared;
  }
  CHECK(mixing > 3);
  CHECK(judged > 1000);
}
