#include <doctest/doctest.h>

#include <memory>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/packed_weights.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/core/workspace.hpp>
#include <vector>

using namespace pigrad;

namespace {

/// A net of affine layers with an activation between, and what it says of some rows.
template <class T>
struct Net {
  ParameterLayout layout;
  std::vector<int> widths;
  std::unique_ptr<Program> program;
  std::unique_ptr<Parameters<T>> parameters;

  Net(const std::vector<int>& sizes, Tensor (*activation)(const Tensor&)) : widths(sizes) {
    for (std::size_t i = 1; i < sizes.size(); ++i) {
      layout.add("w" + std::to_string(i), sizes[i], sizes[i - 1]);
      layout.add("b" + std::to_string(i), 1, sizes[i]);
    }
    Tape tape(layout);
    Tensor x = tape.input("x", sizes[0]);
    for (std::size_t i = 1; i < sizes.size(); ++i) {
      x = affine(x, tape.parameter("w" + std::to_string(i)), tape.parameter("b" + std::to_string(i)));
      if (i + 1 < sizes.size()) x = activation(x);
    }
    program = std::make_unique<Program>(tape.program({{"y", x}}));
    parameters = std::make_unique<Parameters<T>>(layout);
    fill(1);
  }
  void fill(std::uint64_t seed) {
    const Random random(seed, Purpose::test);
    for (int i = 0; i < parameters->size(); ++i)
      parameters->data()[i] = static_cast<T>(random.uniform<double>(0, static_cast<std::uint64_t>(i)) - 0.5);
    parameters->touch();
  }
  std::vector<T> say(Workspace<T>& workspace, int rows, bool with_version) const {
    std::vector<T> x(static_cast<std::size_t>(widths.front() * rows)),
        y(static_cast<std::size_t>(widths.back() * rows));
    const Random random(7, Purpose::test);
    for (int f = 0; f < widths.front(); ++f)
      for (int r = 0; r < rows; ++r)
        x[static_cast<std::size_t>(f * rows + r)] = static_cast<T>(
            2 * random.uniform<double>(static_cast<std::uint32_t>(r), static_cast<std::uint64_t>(f)) - 1);
    Bindings<T> bindings(*program);
    if (with_version)
      bindings.parameters(*parameters);
    else
      bindings.parameters(parameters->data());
    bindings.input("x", x.data(), rows);
    bindings.output("y", y.data(), rows);
    bindings.rows(rows);
    workspace.run(bindings, Sink<T>::none());
    return y;
  }
};

constexpr int often = 6;

}  // namespace

TEST_CASE_TEMPLATE("a few rows through packed weights have the bits of any others", T, float, double) {
  Tensor (*const activations[])(const Tensor&) = {&tanh, &relu, &elu, &sigmoid};
  for (const std::string& backend : backend_names())
    for (const auto activation : activations)
      for (const std::vector<int>& widths :
           {std::vector<int>{4, 64, 64, 2}, {1, 1, 1}, {3, 17, 33, 5}, {24, 100, 8}, {200, 31, 130}, {7, 3}}) {
        const Net<T> net(widths, activation);
        Workspace<T> plain(*net.program, backend), packed(*net.program, backend);
        const int most = find_backend<T>(backend).few_rows;
        for (int rows = 1; rows <= most + 1; ++rows)
          for (int k = 0; k < often; ++k) CHECK(net.say(packed, rows, true) == net.say(plain, rows, false));
      }
}

TEST_CASE("packed weights follow the parameters, even where touch() was forgotten") {
  Net<float> net({4, 32, 3}, &tanh);
  Workspace<float> plain(*net.program), packed(*net.program);
  for (std::uint64_t seed = 2; seed < 6; ++seed) {
    net.fill(seed);
    for (int k = 0; k < often; ++k) CHECK(net.say(packed, 1, true) == net.say(plain, 1, false));
  }
  for (int i = 0; i < net.parameters->size(); ++i) net.parameters->data()[i] *= 1.5f;
  CHECK(net.say(packed, 1, true) == net.say(plain, 1, false));
}

TEST_CASE("weights are packed for few rows whose parameters serve often") {
  const Net<float> net({4, 20, 2}, &tanh);
  const Backend<float>& backend = find_backend<float>();
  if (!backend.pack) return;
  PackedWeights<float> weights(*net.program, backend);
  const float* w = net.parameters->data();
  CHECK_FALSE(weights.ready(1, w, 1));
  CHECK_FALSE(weights.ready(1, w, 1));
  CHECK(weights.ready(1, w, 1));
  CHECK(weights.ready(backend.few_rows, w, 2));
  CHECK_FALSE(weights.ready(backend.few_rows + 1, w, 2));
  CHECK_FALSE(weights.ready(1, w, 0));
  int layers = 0;
  for (std::size_t id = 0; id < net.program->nodes().size(); ++id) {
    const Node& n = net.program->nodes()[id];
    const float* packed = weights.of(static_cast<int>(id));
    if (!packed) continue;
    ++layers;
    const Node& weight = net.program->node(n.operands[1]);
    const std::ptrdiff_t ld = Backend<float>::packed_ld(weight.shape.rows);
    for (int j = 0; j < weight.shape.columns; ++j)
      for (int i = 0; i < ld; ++i)
        CHECK(packed[j * ld + i] == (i < weight.shape.rows ? w[weight.slot + i * weight.shape.columns + j] : 0.0f));
  }
  CHECK(layers == 2);
}
