#pragma once
#include <array>
#include <string>
#include <vector>

#include "op.hpp"
#include "parameters.hpp"

namespace pigrad {

enum class NodeKind { op, input, index, parameter, constant };

/// One step of a program. Leaves have no op; `slot` is their place among the inputs, or the parameter vector's offset,
/// or the constant's offset in Program::constants().
struct Node {
  NodeKind kind = NodeKind::op;
  const Op* op = nullptr;
  std::array<int, 3> operands{-1, -1, -1};
  Shape shape;
  Attributes attributes;
  std::string label;
  int slot = -1;
  bool reduced = false;       ///< a fixed tensor whose value needs the whole batch
  bool over_batch = false;    ///< a reduction whose operand is a batch
  bool has_gradient = false;  ///< depends on a parameter (or an input recorded with an adjoint)
  bool used = false;          ///< the loss or an output depends on it; a run skips the others
  bool wants_bar = false;     ///< has_gradient, and the loss depends on it

  /// The op's name, or the kind of leaf.
  const char* word() const;
};

/// A named input of a program and its shape; indices are 32-bit integers [B×1].
struct InputSlot {
  std::string name;
  Shape shape;
  bool index = false;
  int node = -1;
};

/// A named result: a batch tensor is copied out row by row, a fixed one is read after the run.
struct OutputSlot {
  std::string name;
  int node = -1;
};

/// An immutable list of typed nodes in topological order, recorded once by a Tape and run any number of times.
///
/// Blocks: nodes that do not depend on a batch run once before the rows (prologue), batch nodes and reductions run
/// block by block (rows), what follows a reduction runs once after (epilogue). A program whose rows depend on each
/// other, or whose loss is not linear in its reductions, is row-mixing and runs as one block.
class Program {
 public:
  struct Recorded {
    std::vector<Node> nodes;
    std::vector<InputSlot> inputs;
    std::vector<OutputSlot> outputs;
    std::vector<double> constants;
    ParameterLayout parameters;
    int loss = -1;  ///< a [1×1] node, or -1 for a forward-only program
  };
  explicit Program(Recorded recorded);

  const std::vector<Node>& nodes() const { return recorded_.nodes; }
  const Node& node(int id) const { return recorded_.nodes[static_cast<std::size_t>(id)]; }
  const std::vector<InputSlot>& inputs() const { return recorded_.inputs; }
  const std::vector<OutputSlot>& outputs() const { return recorded_.outputs; }
  const std::vector<double>& constants() const { return recorded_.constants; }
  const ParameterLayout& parameters() const { return recorded_.parameters; }
  int loss() const { return recorded_.loss; }
  bool row_mixing() const { return !mixing_because_.empty(); }
  /// Why rows depend on each other; empty if they do not.
  const std::string& row_mixing_because() const { return mixing_because_; }

  const std::vector<int>& prologue() const { return prologue_; }
  const std::vector<int>& rows() const { return rows_; }
  const std::vector<int>& epilogue() const { return epilogue_; }
  /// How many used nodes read this one.
  int consumers(int id) const { return consumers_[static_cast<std::size_t>(id)]; }

  /// Place of an input or output by name; throws Error listing the names.
  int input(const std::string& name) const;
  int output(const std::string& name) const;

  /// One line a node: number, op, operands, shape, phase, label.
  std::string table() const;
  /// The graph in Graphviz's language: parameters, inputs, ops, the loss, dashed where no adjoint flows.
  std::string graphviz() const;

 private:
  void analyse();

  Recorded recorded_;
  std::vector<int> prologue_, rows_, epilogue_, consumers_;
  std::string mixing_because_;
};

}  // namespace pigrad
