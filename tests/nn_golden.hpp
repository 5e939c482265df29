#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
#include <pigrad/nn/safetensors.hpp>
#include <sstream>
#include <string>
#include <vector>

// Golden tensors of tests/golden/make_nn.py, and vector-Jacobian products of recorded functions to hold against them.

namespace pigrad_test {

using namespace pigrad;
using Values = std::vector<double>;

inline const TensorFile& golden() {
  static const TensorFile file = TensorFile::load(PIGRAD_GOLDEN_DIR "/nn.safetensors");
  return file;
}

inline Values golden(const std::string& name) { return golden().values<double>(name); }

inline std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> pieces;
  std::istringstream stream(text);
  for (std::string piece; std::getline(stream, piece, ',');) pieces.push_back(piece);
  return pieces;
}

inline std::vector<std::string> golden_list(const std::string& key) { return split(golden().metadata().at(key)); }

/// The largest |actual − expected| / |expected| over the entries; infinite for another size, a NaN, or anything but 0
/// where 0 is expected.
inline double worst_error(const Values& actual, const Values& expected) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (actual.size() != expected.size() || expected.empty()) return infinity;
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double gap = std::abs(actual[i] - expected[i]);
    const double error = gap == 0 ? 0 : gap / std::abs(expected[i]);
    worst = std::isnan(error) ? infinity : std::max(worst, error);
  }
  return worst;
}

/// The largest |actual − expected| relative to the largest |expected|.
inline double scaled_error(const Values& actual, const Values& expected) {
  if (actual.size() != expected.size() || expected.empty()) return std::numeric_limits<double>::infinity();
  double scale = 0, worst = 0;
  for (const double x : expected) scale = std::max(scale, std::abs(x));
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double gap = std::abs(actual[i] - expected[i]);
    worst = std::isnan(gap) ? std::numeric_limits<double>::infinity() : std::max(worst, gap);
  }
  return worst / scale;
}

/// A function of named batches, a batch of integers and parameters, and the cotangent to pull back through it.
struct Function {
  ParameterLayout layout;
  Values parameters;                               ///< in the layout's order
  std::vector<std::pair<std::string, int>> names;  ///< of the batches, with their columns
  std::map<std::string, Values> batches;           ///< row-major
  std::vector<std::int32_t> action;
  Values cotangent;
  std::function<Tensor(Tape&, const std::map<std::string, Tensor>&)> record;

  void batch(const std::string& name, int columns, const Values& values) {
    names.emplace_back(name, columns);
    batches[name] = values;
  }
  int rows() const { return static_cast<int>(batches.at(names[0].first).size()) / names[0].second; }
};

struct Pulled {
  Values value;                            ///< [B×C], row-major
  std::map<std::string, Values> gradient;  ///< of each batch (kept runs only) and each segment
};

/// The value, and the gradients of Σ value·cotangent. A kept run opens batches' adjoints and runs node by node; the
/// other runs blocks and fused kernels.
template <class T>
Pulled pull(const Function& f, bool keep) {
  Tape tape(f.layout);
  std::map<std::string, Tensor> leaves;
  std::map<std::string, std::vector<T>> data;
  const auto cast = [](const Values& from) { return std::vector<T>(from.begin(), from.end()); };
  for (const auto& [name, columns] : f.names) {
    leaves[name] = tape.input(name, columns, true);
    data[name] = cast(f.batches.at(name));
  }
  if (!f.action.empty()) leaves["action"] = tape.index("action");
  const Tensor value = f.record(tape, leaves);
  const int columns = value.shape().columns, rows = f.rows();
  const Tensor loss = sum(value * tape.input("cotangent", columns));
  const Program program = tape.program(loss, {{"value", value}});

  const std::vector<T> parameters = cast(f.parameters), cotangent = cast(f.cotangent);
  std::vector<T> out(static_cast<std::size_t>(rows * columns)), gradient(parameters.size());
  Bindings<T> bindings(program);
  bindings.parameters(parameters.data());
  for (const auto& [name, width] : f.names) bindings.input(name, data[name].data(), 1, width);
  if (!f.action.empty()) bindings.index("action", f.action.data());
  bindings.input("cotangent", cotangent.data(), 1, columns);
  bindings.output("value", out.data(), 1, columns);
  bindings.rows(rows);
  Workspace<T> workspace(program);
  workspace.run(bindings, Sink<T>::sum(gradient.data()), {.keep = keep});

  Pulled pulled{Values(out.begin(), out.end()), {}};
  for (const Segment& s : f.layout.segments())
    pulled.gradient[s.name] = Values(gradient.begin() + s.offset, gradient.begin() + s.offset + s.size());
  if (!keep) return pulled;
  for (const auto& [name, width] : f.names) {
    const View<const T> bar = workspace.adjoint(leaves[name].id());
    Values& to = pulled.gradient[name];
    for (int r = 0; bar && r < rows; ++r)
      for (int c = 0; c < width; ++c)
        to.push_back(static_cast<double>(bar.data[r * bar.row_stride + c * bar.column_stride]));
  }
  return pulled;
}

}  // namespace pigrad_test
