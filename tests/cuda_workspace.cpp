#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <pigrad/core/ops/list.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/core/workspace.hpp>
#include <pigrad/cuda/workspace.hpp>

#include "cuda_device.hpp"
#include "programs.hpp"

using namespace pigrad;
using namespace pigrad_test;

namespace {

constexpr std::uint32_t any = 0;

/// A program's parameters and inputs, drawn.
template <class T>
struct Data {
  std::vector<T> parameters;
  std::vector<std::vector<T>> inputs;              ///< [columns × total rows]
  std::vector<std::vector<std::int32_t>> indices;  ///< the same slots
  std::vector<std::int32_t> order;

  Data(const Program& program, int total, int rows, int index_below) {
    std::uint64_t counter = 0;
    const Random random(7, Purpose::test);
    const auto draw = [&] { return static_cast<T>(random.uniform<double>(any, counter++) * 1.6 - 0.8); };
    parameters.resize(static_cast<std::size_t>(program.parameters().size()));
    for (T& x : parameters) x = draw();
    for (const InputSlot& slot : program.inputs()) {
      const auto size = static_cast<std::size_t>(slot.shape.columns) *
                        static_cast<std::size_t>(slot.shape.is_batch() ? total : slot.shape.rows);
      inputs.emplace_back(slot.index ? 0 : size);
      for (T& x : inputs.back()) x = draw();
      indices.emplace_back(slot.index ? size : 0);
      for (auto& i : indices.back())
        i = static_cast<std::int32_t>(random(any, counter++).a % static_cast<unsigned>(index_below));
    }
    for (int r = 0; r < rows; ++r)
      order.push_back(static_cast<std::int32_t>(random(any, counter++).a % static_cast<unsigned>(total)));
  }
};

/// The largest difference over the largest number of b, or `largest` where that is more.
template <class T>
double apart(const std::vector<T>& a, const std::vector<T>& b, double largest = 1e-30) {
  double worst = 0;
  for (const T x : b) largest = std::max(largest, std::abs(static_cast<double>(x)));
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(std::isfinite(a[i]) == std::isfinite(b[i]));
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])) / largest);
  }
  return worst;
}

/// The loss, every output and the gradient, on the device beside the CPU's.
template <class T>
void compare(const Program& program, int total, int rows, bool shuffled, int index_below) {
  const Data<T> data(program, total, rows, index_below);
  const auto size = data.parameters.size();
  Bindings<T> bindings(program);
  bindings.parameters(data.parameters.data());
  DeviceWorkspace<T> device(program, rows + 5);
  const DeviceArray<T> parameters(data.parameters);
  device.parameters(parameters.data());
  std::vector<DeviceArray<T>> inputs;
  std::vector<DeviceArray<std::int32_t>> indices;
  for (std::size_t i = 0; i < program.inputs().size(); ++i) {
    const InputSlot& slot = program.inputs()[i];
    const std::ptrdiff_t ld = slot.shape.is_batch() ? total : slot.shape.rows;
    inputs.emplace_back(data.inputs[i]);
    indices.emplace_back(data.indices[i]);
    if (slot.index) {
      bindings.index(static_cast<int>(i), data.indices[i].data());
      device.index(static_cast<int>(i), indices.back().data());
    } else {
      bindings.input(static_cast<int>(i), data.inputs[i].data(), ld);
      device.input(static_cast<int>(i), inputs.back().data(), ld);
    }
  }
  const DeviceArray<std::int32_t> order(data.order);
  bindings.order(shuffled ? data.order.data() : nullptr);
  device.order(shuffled ? order.data() : nullptr);
  bindings.rows(rows);
  device.rows(rows);

  Workspace<T> host(program, "reference");
  std::vector<T> expected(size), filler(size, T(-3));
  RunOptions options;
  options.keep = true;
  const T loss = host.run(bindings, Sink<T>::sum(expected.data()), options).loss;
  DeviceArray<T> gradient(filler);
  device.run(gradient.data());
  device_synchronize();

  const double tolerance = sizeof(T) == 8 ? 1e-12 : 1e-5;
  const auto read = [&](const View<T>& view, int at_rows, int columns) {
    std::vector<T> values;
    for (int c = 0; c < columns; ++c) {
      std::vector<T> column(static_cast<std::size_t>(at_rows));
      detail::copy_to_host(column.data(), view.data + c * view.column_stride, column.size() * sizeof(T));
      values.insert(values.end(), column.begin(), column.end());
    }
    return values;
  };
  CHECK(apart(read(device.value(program.loss()), 1, 1), {loss}, 0.1) < tolerance);
  for (const OutputSlot& output : program.outputs()) {
    CAPTURE(output.name);
    const Shape& shape = program.node(output.node).shape;
    const int count = shape.is_batch() ? rows : shape.rows;
    std::vector<T> values;
    const View<const T> kept = host.value(output.node);
    for (int c = 0; c < shape.columns; ++c)
      for (int r = 0; r < count; ++r) values.push_back(kept.data[c * kept.column_stride + r * kept.row_stride]);
    CHECK(apart(read(device.output(output.name), count, shape.columns), values) < tolerance);
  }
  const auto found = gradient.download();
  double smallest = 0;  // what rounding leaves of a gradient that is 0
  for (const T x : expected) smallest = std::max(smallest, 0.01 * std::abs(static_cast<double>(x)));
  for (const Segment& s : program.parameters().segments()) {
    CAPTURE(s.name);
    const auto part = [&](const std::vector<T>& all) {
      std::vector<T> own(static_cast<std::size_t>(s.size()));
      std::copy_n(all.data() + s.offset, own.size(), own.data());
      return own;
    };
    if (part(found) == part(filler)) continue;  // no parameter near it wants a gradient
    CHECK(apart(part(found), part(expected), smallest) < tolerance);
  }
}

/// An op's loss Σ w·op(operands), every operand one that wants an adjoint: a parameter, or an input that a parameter
/// scales.
Program program_of(const OpCase& example) {
  ParameterLayout layout;
  for (std::size_t i = 0; i < example.operands.size(); ++i) {
    const Shape& s = example.operands[i].shape;
    layout.add("p" + std::to_string(i), s.is_batch() ? 1 : s.rows, s.columns);
  }
  Tape tape(layout);
  std::vector<Tensor> operands;
  for (std::size_t i = 0; i < example.operands.size(); ++i) {
    const auto& [shape, low, high] = example.operands[i];
    const std::string n = std::to_string(i);
    Tensor unit = tape.parameter("p" + n);
    if (shape.is_batch()) unit = unit * tape.input("x" + n, shape.columns);
    operands.push_back(0.5 * (low + high) + 0.5 * (high - low) * unit);
  }
  if (example.index_below > 0) operands.push_back(tape.index("index"));
  const Tensor y = example.record(operands);
  const Shape shape = y.shape();
  const Tensor weight =
      shape.is_batch() ? tape.input("weight", shape.columns) : tape.fixed_input("weight", shape.rows, shape.columns);
  return tape.program(sum(y * weight), {{"y", y}});
}

}  // namespace

TEST_CASE_TEMPLATE("every example of every op, forward and backward, as on the CPU", T, float, double) {
  if (no_device()) return;
  for (const Op* op : builtin_ops())
    for (const OpCase& example : op->cases()) {
      const std::string name = op->name;
      CAPTURE(name);
      CAPTURE(example.what);
      const Program program = program_of(example);
      for (const int rows : {1, 13, 150}) compare<T>(program, rows, rows, false, std::max(1, example.index_below));
    }
}

TEST_CASE_TEMPLATE("whole losses, in order and shuffled, of few and many rows", T, float, double) {
  if (no_device()) return;
  for (const NamedProgram& named : row_local_programs()) {
    const Program& program = named.program;
    CAPTURE(named.name);
    for (const int rows : {1, 97, 1000}) {
      CAPTURE(rows);
      compare<T>(program, rows, rows, false, 3);
      compare<T>(program, rows + 40, rows, true, 3);
    }
    compare<T>(program, 20000, 20000, false, 3);
  }
  compare<T>(normalised_program(), 9001, 9001, false, 1);
}

TEST_CASE("layers wider and narrower than a tile, many rows: parts of the sums add up") {
  if (no_device()) return;
  for (const std::array<int, 3>& sizes : {std::array{4, 64, 2}, {17, 130, 9}, {1, 200, 1}}) {
    const int inputs = sizes[0], width = sizes[1], outputs = sizes[2];
    CAPTURE(width);
    ParameterLayout layout;
    layout.add("w1", width, inputs), layout.add("b1", 1, width), layout.add("w2", width, width);
    layout.add("b2", 1, width), layout.add("w3", outputs, width), layout.add("b3", 1, outputs);
    Tape t(layout);
    Tensor h = tanh(affine(t.input("x", inputs), t.parameter("w1"), t.parameter("b1")));
    h = tanh(affine(h, 0.1 * t.parameter("w2"), t.parameter("b2")));
    const Tensor y = affine(h, t.parameter("w3"), t.parameter("b3"));
    const Program program = t.program(mean(square(y - t.input("target", outputs))), {{"y", y}});
    for (const int rows : {5, 129, 2600}) compare<double>(program, rows, rows, false, 1);
    compare<float>(program, 700, 700, false, 1);
  }
}

namespace {

using Activation = Tensor (*)(const Tensor&);

/// Two layers of `width` units and a head.
Program layers(int inputs, int width, Activation f, bool activation_read_twice, bool input_of_activation_shown) {
  ParameterLayout layout;
  layout.add("w1", width, inputs), layout.add("b1", 1, width), layout.add("w2", width, width);
  layout.add("b2", 1, width), layout.add("w3", 3, width), layout.add("b3", 1, 3);
  Tape t(layout);
  const Tensor h1 = f(affine(t.input("x", inputs), t.parameter("w1"), t.parameter("b1")));
  const Tensor z = affine(h1, t.parameter("w2"), t.parameter("b2")), h2 = f(z);
  const Tensor y = affine(h2, t.parameter("w3"), t.parameter("b3"));
  Tensor loss = mean(square(y - t.input("target", 3)));
  if (activation_read_twice) loss = loss + mean(square(h1)) + mean(h2);
  if (input_of_activation_shown) return t.program(loss, {{"y", y}, {"z", z}});
  return t.program(loss, {{"y", y}});
}

}  // namespace

TEST_CASE("an activation in its layer's kernel, forward and backward, of every width and with other readers") {
  if (no_device()) return;
  for (const Activation f : {Activation(&tanh), Activation(&relu), Activation(&elu), Activation(&sigmoid)})
    for (const int width : {3, 16, 65, 256})
      for (const int readers : {0, 1, 2, 3}) {
        if (readers > 0 && width > 65) continue;
        CAPTURE(width);
        CAPTURE(readers);
        const Program program = layers(5, width, f, (readers & 1) != 0, (readers & 2) != 0);
        for (const int rows : {7, 130}) compare<double>(program, rows, rows, false, 1);
        compare<float>(program, 33, 33, false, 1);
      }
}

TEST_CASE("a layer's activation takes the room of one panel, its adjoint that of another") {
  if (no_device()) return;
  const int width = 64, rows = 1 << 20;
  const auto bytes = [&](Activation f, bool shown) {
    return DeviceWorkspace<double>::bytes(layers(5, width, f, false, shown), rows);
  };
  const std::size_t panel = std::size_t{width} * rows * sizeof(double);
  // softplus is a kernel of its own: both layers keep input, output and the adjoints of both
  CHECK(bytes(&softplus, false) - bytes(&tanh, false) == 4 * panel);
  CHECK(bytes(&softplus, false) - bytes(&tanh, true) == 2 * panel);
}

TEST_CASE("wide layers by the library's products: every leading dimension and transpose") {
  if (no_device()) return;
  const int wide = widest_own_product + 1;
  for (const Activation f : {Activation(&tanh), Activation(&relu)}) {
    const Program program = layers(5, wide, f, false, false);
    compare<double>(program, 70, 70, false, 1);
    compare<double>(program, 90, 70, true, 1);
    compare<float>(program, 40, 40, false, 1);
  }
  ParameterLayout layout;
  layout.add("w0", wide, 4), layout.add("b0", 1, wide), layout.add("w", wide, wide + 30);
  Tape t(layout);
  const Tensor h = affine(t.input("x", 4), t.parameter("w0"), t.parameter("b0"));
  const Program product = t.program(mean(square(matmul(h, t.parameter("w")))));
  compare<double>(product, 50, 50, false, 1);
}

TEST_CASE("what the device cannot do is said before it is tried") {
  if (no_device()) return;
  const Program program = gaussian_program();
  DeviceWorkspace<double> device(program, 10);
  CHECK_THROWS_WITH(device.rows(11), doctest::Contains("at most 10"));
  CHECK_THROWS_WITH(device.run(), doctest::Contains("not set"));
  device.rows(3);
  const DeviceArray<double> parameters(static_cast<std::size_t>(program.parameters().size()));
  device.parameters(parameters.data());
  CHECK_THROWS_WITH(device.run(), doctest::Contains("not bound"));
  CHECK(DeviceWorkspace<double>::bytes(program, 10000) > 10000 * 30 * sizeof(double));
}
