#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
#include <string>
#include <utility>
#include <vector>

// Values and vector-Jacobian products of recorded functions.

namespace pigrad_test {

using namespace pigrad;
using Values = std::vector<double>;

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
