#include "tape.hpp"

#include "words.hpp"

namespace pigrad {

Tape& Tensor::tape() const {
  require(tape_ != nullptr, "tensor", "it was never recorded", "make it with a Tape or an op");
  return *tape_;
}

const Shape& Tensor::shape() const { return tape().recorded_.nodes[static_cast<std::size_t>(id_)].shape; }

Tensor Tensor::named(const std::string& label) const {
  tape().recorded_.nodes[static_cast<std::size_t>(id_)].label = label;
  return *this;
}

Tensor Tape::append(Node node) {
  recorded_.nodes.push_back(std::move(node));
  return {this, static_cast<int>(recorded_.nodes.size()) - 1};
}

Tensor Tape::append_input(Node node, const std::string& name) {
  for (const InputSlot& i : recorded_.inputs)
    if (i.name == name) throw Error(name, "this input name is taken", "name each input differently");
  node.label = name;
  node.slot = static_cast<int>(recorded_.inputs.size());
  const Tensor t = append(std::move(node));
  recorded_.inputs.push_back({name, t.shape(), recorded_.nodes.back().kind == NodeKind::index, t.id()});
  return t;
}

Tensor Tape::input(const std::string& name, int columns, bool with_adjoint) {
  if (columns < 1) throw Error(name, "an input of " + std::to_string(columns) + " columns", "give at least 1");
  Node n;
  n.kind = NodeKind::input;
  n.shape = Shape::batch(columns);
  n.has_gradient = with_adjoint;
  return append_input(std::move(n), name);
}

Tensor Tape::fixed_input(const std::string& name, int rows, int columns) {
  if (rows < 1 || columns < 1) throw Error(name, "a fixed input without rows or columns", "give at least 1×1");
  Node n;
  n.kind = NodeKind::input;
  n.shape = {rows, columns};
  return append_input(std::move(n), name);
}

Tensor Tape::index(const std::string& name) {
  Node n;
  n.kind = NodeKind::index;
  n.shape = Shape::batch(1);
  return append_input(std::move(n), name);
}

Tensor Tape::parameter(const std::string& name) {
  const Segment& s = recorded_.parameters.find(name);
  for (std::size_t i = 0; i < recorded_.nodes.size(); ++i)
    if (recorded_.nodes[i].kind == NodeKind::parameter && recorded_.nodes[i].slot == s.offset)
      return {this, static_cast<int>(i)};
  Node n;
  n.kind = NodeKind::parameter;
  n.shape = {s.rows, s.columns};
  n.label = name;
  n.slot = s.offset;
  return append(n);
}

Tensor Tape::constant(int rows, int columns, std::vector<double> values) {
  if (rows < 1 || columns < 1 || values.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns))
    throw Error(
        "constant",
        std::to_string(values.size()) + " values for [" + std::to_string(rows) + "×" + std::to_string(columns) + "]",
        "give rows × columns values, row by row");
  Node n;
  n.kind = NodeKind::constant;
  n.shape = {rows, columns};
  n.slot = static_cast<int>(recorded_.constants.size());
  if (n.shape.is_scalar()) {
    Words text;
    text << values[0];
    n.label = text.str();
  }
  recorded_.constants.insert(recorded_.constants.end(), values.begin(), values.end());
  return append(n);
}

Tensor Tape::record(const Op& op, std::initializer_list<Tensor> operands, const Attributes& attributes) {
  Node n;
  n.op = &op;
  n.attributes = attributes;
  Shape shapes[3];
  std::size_t i = 0;
  if (static_cast<int>(operands.size()) != op.operands)
    throw Error(op.name, std::to_string(operands.size()) + " operands given", "give " + std::to_string(op.operands));
  for (const Tensor& t : operands) {
    require(&t.tape() == this, op.name, "an operand was recorded on another tape", "record all operands on one tape");
    const bool integers = recorded_.nodes[static_cast<std::size_t>(t.id())].kind == NodeKind::index;
    const bool wanted = op.indices >> i & 1u;
    if (integers != wanted)
      throw Error(op.name, "operand " + std::to_string(i) + (integers ? " holds integers" : " holds real numbers"),
                  wanted ? "give one made by Tape::index" : "give real numbers, or gather by it");
    shapes[i] = t.shape();
    n.operands[i++] = t.id();
  }
  n.shape = op.shape(shapes, attributes);
  return append(n);
}

Program Tape::finish(int loss, const std::vector<std::pair<std::string, Tensor>>& outputs) const {
  Program::Recorded copy = recorded_;
  copy.loss = loss;
  for (const auto& [name, tensor] : outputs) {
    if (&tensor.tape() != this)
      throw Error(name, "this output was recorded on another tape", "give a tensor of this tape");
    if (recorded_.nodes[static_cast<std::size_t>(tensor.id())].kind == NodeKind::index)
      throw Error(name, "this output holds integers", "read them where they were bound");
    for (const OutputSlot& o : copy.outputs)
      if (o.name == name) throw Error(name, "this output name is taken", "name each output differently");
    copy.outputs.push_back({name, tensor.id()});
  }
  return Program(std::move(copy));
}

Program Tape::program(const Tensor& loss, std::vector<std::pair<std::string, Tensor>> outputs) const {
  require(&loss.tape() == this, "loss", "it was recorded on another tape", "give a tensor of this tape");
  return finish(loss.id(), outputs);
}

Program Tape::program(std::vector<std::pair<std::string, Tensor>> outputs) const { return finish(-1, outputs); }

}  // namespace pigrad
