#include "common_nodes.hpp"

#include <algorithm>

namespace pigrad {
namespace {

bool same_leaf(const Program& p, const Node& a, const Program& q, const Node& b) {
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  switch (a.kind) {
    case NodeKind::input:
    case NodeKind::index:
      return p.inputs()[at(a.slot)].name == q.inputs()[at(b.slot)].name;
    case NodeKind::parameter:
      return a.slot == b.slot && p.parameters().at(a.slot).name == q.parameters().at(b.slot).name;
    case NodeKind::constant:
      return std::equal(p.constants().begin() + a.slot, p.constants().begin() + a.slot + a.shape.rows * a.shape.columns,
                        q.constants().begin() + b.slot);
    case NodeKind::op:
      return false;
  }
  return false;
}

}  // namespace

std::vector<std::pair<int, int>> common_nodes(const Program& first, const Program& second) {
  std::vector<std::pair<int, int>> pairs;
  std::vector<int> twin(second.nodes().size(), -1);
  const auto same = [&](const Node& a, const Node& b) {
    if (a.kind != b.kind || a.shape != b.shape) return false;
    if (a.kind != NodeKind::op) return same_leaf(first, a, second, b);
    if (a.op != b.op || a.attributes != b.attributes) return false;
    for (std::size_t i = 0; i < a.operands.size(); ++i) {
      const int o = b.operands[i];
      if ((o < 0) != (a.operands[i] < 0) || (o >= 0 && twin[static_cast<std::size_t>(o)] != a.operands[i]))
        return false;
    }
    return true;
  };
  for (std::size_t j = 0; j < second.nodes().size(); ++j)
    for (std::size_t i = 0; i < first.nodes().size(); ++i) {
      const Node &a = first.nodes()[i], &b = second.nodes()[j];
      if (!a.used || !b.used || !same(a, b)) continue;
      twin[j] = static_cast<int>(i);
      if (a.kind == NodeKind::op && a.shape.is_batch()) pairs.emplace_back(twin[j], static_cast<int>(j));
      break;
    }
  return pairs;
}

}  // namespace pigrad
