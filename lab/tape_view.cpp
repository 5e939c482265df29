#include "tape_view.hpp"

#include <algorithm>
#include <map>

namespace pigrad {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::string name_of(const Program& program, const Node& n, int id) {
  if (!n.label.empty()) return n.label;
  if (n.kind == NodeKind::parameter) return program.parameters().at(n.slot).name;
  for (const InputSlot& slot : program.inputs())
    if (slot.node == id) return slot.name;
  return "";
}

std::vector<double> numbers(const View<const double>& view, int rows, int columns) {
  std::vector<double> all;
  if (!view) return all;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) all.push_back(view.data[r * view.row_stride + c * view.column_stride]);
  return all;
}

}  // namespace

std::vector<TapeNode> open_tape(const Program& program, const Bindings<double>& bindings, int rows) {
  Workspace<double> workspace(program);
  std::vector<double> gradient(at(program.parameters().size()));
  const bool with_loss = program.loss() >= 0;
  workspace.run(bindings, with_loss ? Sink<double>::sum(gradient.data()) : Sink<double>::none(), {.keep = true});
  std::vector<TapeNode> all;
  for (int id = 0; id < static_cast<int>(program.nodes().size()); ++id) {
    const Node& n = program.node(id);
    if (!n.used) continue;
    TapeNode node;
    node.id = id;
    node.op = n.word();
    node.label = name_of(program, n, id);
    for (const int o : n.operands)
      if (o >= 0) node.operands.push_back(o);
    node.shape = n.shape.text();
    node.carries_gradient = n.wants_bar;
    const int shown = n.shape.is_batch() ? rows : n.shape.rows;
    if (n.kind != NodeKind::index) node.value = numbers(workspace.value(id), shown, n.shape.columns);
    if (n.kind == NodeKind::parameter && n.wants_bar)
      node.adjoint.assign(gradient.begin() + n.slot, gradient.begin() + n.slot + n.shape.rows * n.shape.columns);
    else if (with_loss && n.wants_bar)
      node.adjoint = numbers(workspace.adjoint(id), shown, n.shape.columns);
    all.push_back(std::move(node));
  }
  return all;
}

std::vector<TapePlace> arrange_tape(const std::vector<TapeNode>& nodes) {
  std::map<int, std::size_t> place_of;
  for (std::size_t i = 0; i < nodes.size(); ++i) place_of[nodes[i].id] = i;
  std::vector<TapePlace> places(nodes.size());
  std::vector<int> first_reader(nodes.size(), -1);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const int o : nodes[i].operands) places[i].layer = std::max(places[i].layer, places[place_of.at(o)].layer + 1);
  for (std::size_t i = nodes.size(); i-- > 0;) {
    if (nodes[i].operands.empty() && first_reader[i] > 0) places[i].layer = first_reader[i] - 1;
    for (const int o : nodes[i].operands) {
      int& reader = first_reader[place_of.at(o)];
      reader = reader < 0 ? places[i].layer : std::min(reader, places[i].layer);
    }
  }
  std::map<int, int> filled;
  for (TapePlace& place : places) place.place = filled[place.layer]++;
  return places;
}

}  // namespace pigrad
