#include "program.hpp"

#include <algorithm>

#include "words.hpp"

namespace pigrad {
namespace {

std::string escaped(const std::string& label) {
  std::string out;
  for (const char ch : label) {
    if (ch == '"' || ch == '\\') out += '\\';
    out += ch == '\n' ? ' ' : ch;
  }
  return out;
}

template <class Slots>
std::string names_of(const Slots& slots) {
  std::string all;
  for (const auto& s : slots) all += (all.empty() ? "" : ", ") + s.name;
  return all;
}

template <class Slots>
int find_slot(const Slots& slots, const std::string& name, const char* what) {
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (slots[i].name == name) return static_cast<int>(i);
  throw Error(name, std::string("the program has no such ") + what,
              slots.empty() ? std::string("it has none") : "use one of: " + names_of(slots));
}

bool is_row_node(const Node& n) { return n.shape.is_batch() || n.over_batch; }

/// Whether the node's vjp can run before its reduced operands have a value.
bool linear_in_reduced(const std::vector<Node>& nodes, const Node& n) {
  const auto reduced = [&](int i) {
    const int id = n.operands[static_cast<std::size_t>(i)];
    return id >= 0 && nodes[static_cast<std::size_t>(id)].reduced;
  };
  const auto wants = [&](int i) {
    return nodes[static_cast<std::size_t>(n.operands[static_cast<std::size_t>(i)])].wants_bar;
  };
  switch (n.op->linearity) {
    case Linearity::none:
      return false;
    case Linearity::all:
      return true;
    case Linearity::first_only:
      return reduced(0) && !reduced(1) && !wants(1);
    case Linearity::product:
      return (reduced(0) && !reduced(1) && !wants(1)) || (reduced(1) && !reduced(0) && !wants(0));
  }
  return false;
}

}  // namespace

const char* Node::word() const {
  switch (kind) {
    case NodeKind::op:
      return op->name;
    case NodeKind::input:
      return "input";
    case NodeKind::index:
      return "index";
    case NodeKind::parameter:
      return "parameter";
    case NodeKind::constant:
      return "constant";
  }
  return "?";
}

Program::Program(Recorded recorded) : recorded_(std::move(recorded)) { analyse(); }

void Program::analyse() {
  auto& nodes = recorded_.nodes;
  consumers_.assign(nodes.size(), 0);
  const auto operand = [&](const Node& n, int i) -> Node* {
    const int id = n.operands[static_cast<std::size_t>(i)];
    return id < 0 ? nullptr : &nodes[static_cast<std::size_t>(id)];
  };
  for (Node& n : nodes) n.used = false;
  if (recorded_.loss >= 0) nodes[static_cast<std::size_t>(recorded_.loss)].used = true;
  for (const OutputSlot& o : recorded_.outputs) nodes[static_cast<std::size_t>(o.node)].used = true;
  for (auto n = nodes.rbegin(); n != nodes.rend(); ++n)
    for (int i = 0; n->used && n->op && i < n->op->operands; ++i) operand(*n, i)->used = true;
  for (Node& n : nodes) {
    if (n.kind == NodeKind::parameter) n.has_gradient = true;
    for (int i = 0; n.op && i < n.op->operands; ++i) {
      const Node* o = operand(n, i);
      if (n.used) ++consumers_[static_cast<std::size_t>(n.operands[static_cast<std::size_t>(i)])];
      if (!n.shape.is_batch() && (o->reduced || o->shape.is_batch())) n.reduced = true;
      if (n.op->locality == Locality::reduction && o->shape.is_batch()) n.over_batch = true;
      if ((n.op->differentiable >> i & 1u) && o->has_gradient) n.has_gradient = true;
    }
  }
  for (Node& n : nodes) n.wants_bar = false;
  if (recorded_.loss >= 0) {
    if (!node(recorded_.loss).shape.is_scalar())
      throw Error("loss", "it is " + node(recorded_.loss).shape.text(), "reduce it to [1×1] with mean() or sum()");
    nodes[static_cast<std::size_t>(recorded_.loss)].wants_bar = node(recorded_.loss).has_gradient;
    for (auto n = nodes.rbegin(); n != nodes.rend(); ++n)
      for (int i = 0; n->wants_bar && n->op && i < n->op->operands; ++i)
        if ((n->op->differentiable >> i & 1u) && operand(*n, i)->has_gradient) operand(*n, i)->wants_bar = true;
  }
  for (const Node& n : nodes) {
    if (!n.used) continue;
    for (int i = 0; n.op && i < n.op->operands; ++i)
      if (n.shape.is_batch() && operand(n, i)->reduced && mixing_because_.empty())
        mixing_because_ = "'" + n.label + "' (" + n.op->name + ") gives each row a value that needs the whole batch";
    const bool after_reduction = n.op && n.reduced && !n.over_batch;
    if (mixing_because_.empty() && after_reduction && n.wants_bar && !linear_in_reduced(nodes, n))
      mixing_because_ = "'" + n.label + "' (" + n.op->name + ") is not linear in a value of the whole batch";
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].kind != NodeKind::op || !nodes[i].used) continue;
    const int id = static_cast<int>(i);
    if (row_mixing() || is_row_node(nodes[i]))
      rows_.push_back(id);
    else
      (nodes[i].reduced ? epilogue_ : prologue_).push_back(id);
  }
}

int Program::input(const std::string& name) const { return find_slot(recorded_.inputs, name, "input"); }
int Program::output(const std::string& name) const { return find_slot(recorded_.outputs, name, "output"); }

std::string Program::table() const {
  Words out;
  const auto pad = [](std::string s, std::size_t width) {
    std::size_t shown = 0;
    for (const char ch : s) shown += (static_cast<unsigned char>(ch) & 0xC0u) != 0x80u;
    return shown < width ? s + std::string(width - shown, ' ') : s;
  };
  out << pad("node", 6) << pad("op", 15) << pad("operands", 14) << pad("shape", 11) << pad("runs", 10) << "label\n";
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    const Node& n = nodes()[i];
    std::string operands, phase = "leaf";
    for (const int id : n.operands) {
      if (id < 0) continue;
      if (!operands.empty()) operands += ' ';
      operands += std::to_string(id);
    }
    if (!n.used)
      phase = "unused";
    else if (n.op)
      phase = row_mixing() ? "whole" : is_row_node(n) ? "rows" : n.reduced ? "after" : "before";
    out << pad(std::to_string(i), 6) << pad(n.word(), 15) << pad(operands, 14) << pad(n.shape.text(), 11)
        << pad(phase, 10) << n.label << (static_cast<int>(i) == loss() ? "  (loss)" : "") << '\n';
  }
  if (row_mixing()) out << "row-mixing: " << mixing_because_ << '\n';
  return out.str();
}

std::string Program::graphviz() const {
  Words out;
  out << "digraph program {\n  rankdir=TB;\n  node [fontname=\"Helvetica\", fontsize=11];\n";
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    const Node& n = nodes()[i];
    const bool is_loss = static_cast<int>(i) == loss();
    const char* style = n.kind == NodeKind::parameter ? "shape=box, style=filled, fillcolor=\"#dbe9f6\""
                        : n.kind == NodeKind::op      ? "shape=box, style=rounded"
                                                      : "shape=box, style=filled, fillcolor=\"#eeeeee\"";
    out << "  n" << i << " [label=\"" << n.word() << (n.label.empty() ? "" : "\\n" + escaped(n.label)) << "\\n"
        << n.shape.text() << "\", " << (is_loss ? "shape=doubleoctagon" : style) << "];\n";
    for (int k = 0; n.op && k < n.op->operands; ++k) {
      const int from = n.operands[static_cast<std::size_t>(k)];
      const bool flows = n.wants_bar && (n.op->differentiable >> k & 1u) && node(from).wants_bar;
      out << "  n" << from << " -> n" << i << (flows ? "" : " [style=dashed, color=gray]") << ";\n";
    }
  }
  out << "}\n";
  return out.str();
}

}  // namespace pigrad
