#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "bound.hpp"
#include "programs.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

template <class F>
std::string message(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("bindings and runs refuse what is missing or wrong, by name") {
  const Program program = gaussian_program(), other = shared_program();
  Workspace<double> workspace(program);
  Bound<double> bound(program, 4);
  Bindings<double>& b = bound.bindings;
  CHECK(message([&] { b.input("obs", nullptr, 1); }) ==
        "obs: the program has no such input; use one of: x, action, advantage");
  CHECK(message([&] { b.output("z", nullptr, 1); }) == "z: the program has no such output; use one of: y, log_prob");
  CHECK(message([&] { b.index("action", nullptr); }) == "action: this input holds real numbers; bind it with input()");
  CHECK(message([&] { b.input(3, nullptr, 1); }) == "input: slot 3 of 3; give a slot that Program::input returned");
  CHECK(message([&] { b.output(-1, nullptr, 1); }) ==
        "output: slot -1 of 2; give a slot that Program::output returned");
  CHECK(message([&] { Bindings<double>(other).input("action", nullptr, 1); }) ==
        "action: this input holds integers; bind it with index()");
  b.rows(0);
  CHECK(message([&] { workspace.run(b, {}); }) == "run: 0 rows; bind a batch of at least 1 row");
  b.rows(4);
  b.parameters(nullptr);
  CHECK(message([&] { workspace.run(b, {}); }) == "run: the parameters are not bound; call Bindings::parameters");
  b.parameters(bound.parameters.data());
  b.input("advantage", nullptr, 1);
  CHECK(message([&] { workspace.run(b, {}); }) == "advantage: this input is not bound; bind it before running");
  Bound<double> foreign(other, 4);
  CHECK(message([&] { workspace.run(foreign.bindings, {}); }) ==
        "run: these bindings were made for another program; make them for this one");
  CHECK(message([&] { Workspace<double>(program, "abacus"); }).find("backend: 'abacus' does not run on this") == 0);
  CHECK(message([&] { workspace.fixed_output("y"); }) == "fixed: node 9 is [B×3]; bind it as an output, or keep it");
  CHECK(message([&] { workspace.fixed(program.loss(), 0, 1); }) == "fixed: [0,1] of [1×1]; give an element inside it");
  CHECK(message([&] { workspace.value(99); }).find("node 99: the program has ") == 0);
  CHECK(message([&] { workspace.value(program.input("x")); }) ==
        "value: the last run kept no batch values; run with RunOptions::keep");
}

TEST_CASE("recording refuses wrong shapes, names and operands") {
  ParameterLayout layout;
  layout.add("w", 3, 4);
  CHECK(message([&] { layout.add("w", 1, 1); }).find("w: this parameter name is taken") == 0);
  Tape t(layout), second;
  const Tensor x = t.input("x", 4), i = t.index("i"), w = t.parameter("w");
  CHECK(message([&] { t.parameter("v"); }) == "v: no such parameter; use one of: w");
  CHECK(message([&] { t.input("x", 2); }) == "x: this input name is taken; name each input differently");
  CHECK(message([&] { t.fixed_input("i", 1, 1); }) == "i: this input name is taken; name each input differently");
  CHECK(message([&] { x + w; }) ==
        "add: shapes [B×4] and [3×4] do not broadcast; make each side equal, or 1 in one of them");
  CHECK(message([&] { tanh(i); }) == "tanh: operand 0 holds integers; give real numbers, or gather by it");
  CHECK(message([&] { gather(x, x); }) == "gather: operand 1 holds real numbers; give one made by Tape::index");
  CHECK(message([&] { x + second.input("x", 4); }) ==
        "add: an operand was recorded on another tape; record all operands on one tape");
  CHECK(message([&] {
          affine(x, t.constant(2, 3, {1, 2, 3, 4, 5, 6}), t.constant(1, 2, {1, 2}));
        }) == "affine: the input is [B×4] but the weight is [2×3]; give a weight with 4 columns");
  CHECK(message([&] { matmul(x, w); }) == "matmul: shapes [B×4] and [3×4] do not chain; give a right side with 4 rows");
  CHECK(message([&] { slice(x, 3, 2); }) == "slice: columns 3 to 5 of [B×4]; give a range inside the columns");
  CHECK(message([&] { clamp(x, 1, -1); }).find("clamp: limits 1") == 0);
  CHECK(message([&] { t.constant(2, 2, {1}); }) ==
        "constant: 1 values for [2×2]; give rows × columns values, row by row");
  CHECK(message([&] { t.program(x); }) == "loss: it is [B×4]; reduce it to [1×1] with mean() or sum()");
  CHECK(message([&] { t.program(Tensor()); }) == "tensor: it was never recorded; make it with a Tape or an op");
  CHECK(message([&] {
          t.program(mean(x), {{"y", x}, {"y", w}});
        }) == "y: this output name is taken; name each output differently");
  CHECK(message([&] {
          t.program(mean(x), {{"i", i}});
        }) == "i: this output holds integers; read them where they were bound");
  CHECK(message([&] {
          second.program({{"x", x}});
        }) == "x: this output was recorded on another tape; give a tensor of this tape");
  t.constant(1e-8);
  CHECK(t.program({{"x", x}}).nodes().back().label == "1e-08");
}

TEST_CASE("a tape gives several programs, each of what its results need") {
  Tape t;
  const Tensor x = t.input("x", 2), y = t.input("y", 1);
  const Tensor broken = log(x - 100.0);
  const Program program = t.program({{"y2", y * 2.0}});
  Bindings<double> b(program);
  const std::vector<double> values{1, 2};
  std::vector<double> doubled(2);
  b.input("y", values.data(), 1);
  b.output("y2", doubled.data(), 1);
  b.rows(2);
  Workspace<double> workspace(program);
  workspace.run(b, {}, {.keep = true, .check = true});
  CHECK(doubled == std::vector<double>{2, 4});
  CHECK(program.table().find("unused") != std::string::npos);
  CHECK(message([&] { workspace.value(broken.id()); }).find("neither the loss nor an output depends on it") !=
        std::string::npos);
}

TEST_CASE("an index outside the columns is refused") {
  const Program program = shared_program();
  Bound<double> bound(program, 5);
  bound.indices[2][3] = 3;
  Workspace<double> workspace(program);
  CHECK(message([&] { workspace.run(bound.bindings, {}); }) ==
        "gather: index 3 of sample 3 for 3 columns; give indices from 0 to columns − 1");
  bound.indices[2][3] = -1;
  CHECK(message([&] { workspace.run(bound.bindings, {}, {.threads = 2}); }).find("gather: index -1") == 0);
  Bound<double> blocks(program, 3 * Workspace<double>::block_rows);
  blocks.indices[2][200] = 7;
  CHECK(message([&] { workspace.run(blocks.bindings, {}); }).find("gather: index 7 of sample 200 for") == 0);
}

TEST_CASE("sinks that a program cannot serve are refused") {
  ParameterLayout layout;
  layout.add("w", 1, 3);
  Tape t(layout);
  const Tensor x = t.input("x", 3), w = t.parameter("w");
  const Tensor penalty = sum(square(w)).named("penalty");
  const Program regularised = t.program(mean(square(x * w)) + 0.1 * penalty), alone = t.program(penalty),
                forward = t.program({{"y", x * w}});
  std::vector<double> out(30);
  const auto refusal = [&](const Program& p, const Sink<double>& sink) {
    Bound<double> bound(p, 4);
    return message([&] { Workspace<double>(p).run(bound.bindings, sink); });
  };
  CHECK(refusal(regularised, Sink<double>::norm(out.data()))
            .find("run: the loss has a term of the parameters alone, node ") == 0);
  CHECK(refusal(alone, Sink<double>::rows(out.data())) ==
        "run: the loss has a term of the parameters alone, 'penalty'; leave it out for per-sample gradients: it is no "
        "sample's");
  CHECK(refusal(forward, Sink<double>::sum(out.data())) ==
        "run: the program has no loss; record it with a loss, or run it forward with Sink::none()");
  Bound<double> bound(regularised, 4);
  Workspace<Dual<double>> duals(regularised);
  CHECK(message([&] { duals.run(bound.bindings, Sink<double>::norm(out.data())); }) ==
        "run: per-sample gradients of duals; use float or double, or Sink::sum");
}

TEST_CASE("checking names the first node that is not finite, with its sample and operands") {
  ParameterLayout layout;
  layout.add("w", 1, 2);
  Tape t(layout);
  const Tensor x = t.input("x", 2, true);
  const Tensor root = sqrt(x * x).named("root");
  const Program forward = t.program(mean(log(x).named("log x"))), backward = t.program(mean(root)),
                weights = t.program(sum((1e200 * x) * t.parameter("w"))), total = t.program(mean(x * 1e306));
  const auto refusal = [&](const Program& p, int row, int column, double value, int threads) {
    Bound<double> bound(p, 500);
    for (double& v : bound.inputs[0]) v = 1 + std::abs(v);
    bound.inputs[0][static_cast<std::size_t>(column * 500 + row)] = value;
    Workspace<double> workspace(p);
    std::vector<double> g(2);
    return message(
        [&] { workspace.run(bound.bindings, Sink<double>::sum(g.data()), {.threads = threads, .check = true}); });
  };
  for (const int threads : {1, 3}) {
    const std::string zero = refusal(forward, 321, 1, 0, threads);
    CHECK(zero.find("not finite: node ") == 0);
    CHECK(zero.find("(log, 'log x') is -inf at sample 321, column 1; operands there: 'x' = ") != std::string::npos);
    CHECK(zero.find(" 0; look at these operands") != std::string::npos);
    CHECK(refusal(forward, 0, 0, -1, threads).find("is NaN at sample 0, column 0") != std::string::npos);
    CHECK(refusal(forward, 0, 0, 1, threads) == "nothing was thrown");
    const std::string adjoint = refusal(backward, 99, 0, 0, threads);
    CAPTURE(adjoint);
    CHECK(adjoint.find("the adjoint of node ") != std::string::npos);
    CHECK(adjoint.find("is inf at sample 99, column 0") != std::string::npos);
    CHECK(refusal(total, 3, 0, 1, threads).find("(mean) is inf at row 0, column 0") != std::string::npos);
  }
  CHECK(refusal(weights, 5, 0, 1e120, 1).find("is inf at sample 5, column 0") != std::string::npos);
}

TEST_CASE("a program prints as a table and as a graph") {
  const Program program = gaussian_program();
  const std::string table = program.table();
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line);
  CHECK(line == "node  op             operands      shape      runs      label");
  std::size_t count = 0;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::size_t number = 99;
    std::string op;
    words >> number >> op;
    CHECK(words.good());
    CHECK(number == count++);
    CHECK_FALSE(op.empty());
  }
  CHECK(count == program.nodes().size());
  CHECK(table.find("[B×8]      rows") != std::string::npos);
  CHECK(table.find("log_std") != std::string::npos);
  CHECK(table.find("before") != std::string::npos);
  CHECK(table.find("(loss)") != std::string::npos);
  CHECK(normalised_program().table().find("row-mixing: ") != std::string::npos);

  Tape t;
  const Tensor x = t.input("x \"quoted\" \\ back", 1);
  const std::string graph = t.program(mean(stop_gradient(x).named("two\nlines"))).graphviz();
  CHECK(graph.find("digraph program {") == 0);
  CHECK(graph.find("label=\"input\\nx \\\"quoted\\\" \\\\ back\\n[B×1]\"") != std::string::npos);
  CHECK(graph.find("two lines") != std::string::npos);
  CHECK(graph.find("n0 -> n1 [style=dashed, color=gray];") != std::string::npos);
  for (const std::string& text : {graph, program.graphviz()}) {
    CHECK(std::count(text.begin(), text.end(), '{') == std::count(text.begin(), text.end(), '}'));
    int quotes = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\')
        ++i;
      else
        quotes += text[i] == '"';
    }
    CHECK(quotes % 2 == 0);
  }
}
