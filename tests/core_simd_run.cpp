#include <doctest/doctest.h>

#include <cmath>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/core/workspace.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

std::string numbered(std::string name, std::size_t i) { return name += std::to_string(i); }

/// A program over one op: every fixed operand a parameter, every batch operand an input, the loss Σ y ∘ cotangent.
struct Recorded {
  ParameterLayout layout;
  std::vector<int> inputs;  ///< nodes of the batch operands
  Program program;

  static Recorded of(const OpCase& c) {
    ParameterLayout layout;
    for (std::size_t i = 0; i < c.operands.size(); ++i)
      if (!c.operands[i].shape.is_batch())
        layout.add(numbered("p", i), c.operands[i].shape.rows, c.operands[i].shape.columns);
    Tape tape(layout);
    std::vector<Tensor> operands;
    std::vector<int> inputs;
    for (std::size_t i = 0; i < c.operands.size(); ++i) {
      const Shape& shape = c.operands[i].shape;
      operands.push_back(shape.is_batch() ? tape.input(numbered("x", i), shape.columns, true)
                                          : tape.parameter(numbered("p", i)));
      if (shape.is_batch()) inputs.push_back(operands.back().id());
    }
    if (c.index_below) operands.push_back(tape.index("index"));
    const Tensor y = c.record(operands);
    const Tensor weighted = y.shape().is_batch() ? y * tape.input("cotangent", y.shape().columns)
                                                 : y * tape.fixed_input("cotangent", y.shape().rows, y.shape().columns);
    return {layout, inputs, tape.program(sum(weighted))};
  }
};

/// Gradient of the parameters, loss, adjoints of the batch operands, and the gradient block by block, all in one list.
template <class T>
std::vector<T> everything(const Recorded& r, const OpCase& c, const std::string& backend, int rows) {
  const Random random(5, Purpose::test);
  const auto between = [&](double low, double high, std::uint32_t stream, std::uint64_t i) {
    return static_cast<T>(low + (high - low) * random.uniform<double>(stream, i));
  };
  std::vector<std::vector<T>> data(r.program.inputs().size());
  std::vector<std::int32_t> index;
  for (int i = 0; i < rows; ++i) index.push_back(c.index_below ? i * 7 % c.index_below : 0);
  Bindings<T> b(r.program);
  b.rows(rows);
  for (std::size_t i = 0; i < r.program.inputs().size(); ++i) {
    const InputSlot& slot = r.program.inputs()[i];
    if (slot.index) {
      b.index(static_cast<int>(i), index.data());
      continue;
    }
    const int count = slot.shape.is_batch() ? rows : slot.shape.rows;
    double low = -1, high = 1;
    if (slot.name[0] == 'x') {
      const auto& operand = c.operands[static_cast<std::size_t>(std::stoi(slot.name.substr(1)))];
      low = operand.low, high = operand.high;
    }
    for (int j = 0; j < count * slot.shape.columns; ++j)
      data[i].push_back(between(low, high, static_cast<std::uint32_t>(i), static_cast<std::uint64_t>(j)));
    b.input(static_cast<int>(i), data[i].data(), count);
  }
  std::vector<T> parameters(static_cast<std::size_t>(r.layout.size())), result(parameters.size());
  for (const Segment& s : r.layout.segments()) {
    const auto& operand = c.operands[static_cast<std::size_t>(std::stoi(s.name.substr(1)))];
    for (int j = 0; j < s.size(); ++j)
      parameters[static_cast<std::size_t>(s.offset + j)] =
          between(operand.low, operand.high, 99, static_cast<std::uint64_t>(s.offset + j));
  }
  if (!parameters.empty()) b.parameters(parameters.data());
  Workspace<T> workspace(r.program, backend);
  result.push_back(workspace.run(b, Sink<T>::sum(result.data()), {.keep = true}).loss);
  std::vector<T> by_blocks(parameters.size());
  for (const int node : r.inputs) {
    const View<const T> adjoint = workspace.adjoint(node);
    for (int column = 0; adjoint && column < r.program.node(node).shape.columns; ++column)
      for (int row = 0; row < rows; ++row)
        result.push_back(adjoint.data[column * adjoint.column_stride + row * adjoint.row_stride]);
  }
  workspace.run(b, Sink<T>::sum(by_blocks.data()));
  result.insert(result.end(), by_blocks.begin(), by_blocks.end());
  return result;
}

/// Two tanh layers and a head, as a policy has them; the activations are outputs.
struct Network {
  ParameterLayout layout;
  Program program;

  static Network of(Tensor (*activation)(const Tensor&)) {
    ParameterLayout layout;
    layout.add("w0", 33, 5), layout.add("b0", 1, 33), layout.add("w1", 18, 33), layout.add("b1", 1, 18);
    layout.add("w2", 3, 18), layout.add("b2", 1, 3);
    Tape t(layout);
    const Tensor x = t.input("x", 5);
    const Tensor first = activation(affine(x, t.parameter("w0"), t.parameter("b0")));
    const Tensor second = activation(affine(first, t.parameter("w1"), t.parameter("b1")));
    const Tensor head = log_softmax(affine(second, t.parameter("w2"), t.parameter("b2")));
    return {layout, t.program(mean(square(head)), {{"first", first}, {"second", second}, {"head", head}})};
  }
};

template <class T>
struct Result {
  std::vector<T> outputs, gradient;  ///< outputs row by row
};

/// Runs rows [begin, begin + rows) of a fixed batch of 400 rows.
template <class T>
Result<T> run_network(const Network& net, const std::string& backend, int begin, int rows, const RunOptions& options) {
  static constexpr int all = 400;
  const Random random(6, Purpose::test);
  std::vector<T> x, theta;
  for (std::uint32_t i = 0; i < 5 * all; ++i) x.push_back(static_cast<T>(4 * random.uniform<double>(0, i) - 2));
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(net.layout.size()); ++i)
    theta.push_back(static_cast<T>(random.uniform<double>(1, i) - 0.5));
  Result<T> r;
  r.outputs.resize(static_cast<std::size_t>(rows * (33 + 18 + 3)));
  r.gradient.resize(theta.size());
  Bindings<T> b(net.program);
  b.parameters(theta.data());
  b.input("x", x.data() + begin, all);
  b.rows(rows);
  b.output("first", r.outputs.data(), 1, 54);
  b.output("second", r.outputs.data() + 33, 1, 54);
  b.output("head", r.outputs.data() + 51, 1, 54);
  Workspace<T> workspace(net.program, backend);
  workspace.run(b, Sink<T>::sum(r.gradient.data()), options);
  return r;
}

}  // namespace

TEST_CASE_TEMPLATE("every op agrees with its plain kernels", T, float, double) {
  const double tolerance = sizeof(T) == 4 ? 3e-5 : 1e-13;
  for (const Op* op : builtin_ops())
    for (const OpCase& c : op->cases()) {
      const Recorded recorded = Recorded::of(c);
      for (const int rows : {1, 7, 16, 97, 200}) {
        const std::vector<T> wanted = everything<T>(recorded, c, "reference", rows);
        for (const std::string& backend : backend_names()) {
          CAPTURE(std::string(op->name));
          CAPTURE(c.what);
          CAPTURE(backend);
          CAPTURE(rows);
          const std::vector<T> found = everything<T>(recorded, c, backend, rows);
          REQUIRE(found.size() == wanted.size());
          double worst = 0;
          for (std::size_t i = 0; i < found.size(); ++i) {
            const double size = std::max(1.0, std::abs(static_cast<double>(wanted[i])));
            const double error = std::abs(static_cast<double>(found[i] - wanted[i])) / size;
            if (!(error <= worst)) worst = error;
          }
          CHECK(worst <= tolerance);
        }
      }
    }
}

TEST_CASE_TEMPLATE("a row's bits do not depend on the rows around it", T, float, double) {
  for (Tensor (*activation)(const Tensor&) : {&pigrad::tanh, &pigrad::relu, &pigrad::elu, &pigrad::sigmoid}) {
    const Network net = Network::of(activation);
    for (const std::string& backend : backend_names()) {
      CAPTURE(backend);
      const Result<T> whole = run_network<T>(net, backend, 0, 400, {});
      for (const auto& piece : std::vector<std::pair<int, int>>{{0, 1}, {5, 1}, {97, 30}, {3, 97}, {399, 1}}) {
        const int begin = piece.first, rows = piece.second;
        CAPTURE(begin);
        CAPTURE(rows);
        const Result<T> part = run_network<T>(net, backend, begin, rows, {});
        const auto from = whole.outputs.begin() + begin * 54;
        CHECK(std::equal(part.outputs.begin(), part.outputs.end(), from));
      }
    }
  }
}

TEST_CASE_TEMPLATE("fused kernels give the bits of the kernels that they replace", T, float, double) {
  for (Tensor (*activation)(const Tensor&) : {&pigrad::tanh, &pigrad::relu, &pigrad::elu, &pigrad::sigmoid}) {
    const Network net = Network::of(activation);
    for (const std::string& backend : backend_names())
      for (const int rows : {1, 50, 96}) {
        CAPTURE(backend);
        CAPTURE(rows);
        const Result<T> fused = run_network<T>(net, backend, 0, rows, {}),
                        plain = run_network<T>(net, backend, 0, rows, {.check = true});
        CHECK(fused.outputs == plain.outputs);
        CHECK(fused.gradient == plain.gradient);
      }
  }
}
