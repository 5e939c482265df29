#include "plan.hpp"

#include <algorithm>

namespace pigrad {
namespace {

int rows_of(const Program& program, const Node& n) {
  const bool over_rows = n.op->locality == Locality::reduction;
  return (over_rows ? program.node(n.operands[0]).shape : n.shape).rows;
}

Plan::Sequence sequence_of(const Program& program, const std::vector<int>& ids, std::vector<char>& touched,
                           bool (*fused_by)(const void*, const Op&, const Op&), const void* context) {
  std::vector<char> swallowed(program.nodes().size(), 0), is_output(program.nodes().size(), 0);
  for (const OutputSlot& o : program.outputs()) is_output[static_cast<std::size_t>(o.node)] = 1;
  std::vector<int> inner(program.nodes().size(), -1);
  for (const int id : ids) {
    const Node& n = program.node(id);
    const int first = n.operands[0];
    if (!fused_by || n.op->operands != 1 || first < 0) continue;
    const Node& f = program.node(first);
    if (f.kind != NodeKind::op || !f.shape.is_batch() || !n.shape.is_batch() || program.consumers(first) != 1 ||
        is_output[static_cast<std::size_t>(first)] || first == program.loss() ||
        inner[static_cast<std::size_t>(first)] >= 0 || !fused_by(context, *f.op, *n.op))
      continue;
    inner[static_cast<std::size_t>(id)] = first;
    swallowed[static_cast<std::size_t>(first)] = 1;
  }
  Plan::Sequence s;
  for (const int id : ids)
    if (!swallowed[static_cast<std::size_t>(id)])
      s.forward.push_back(
          {.node = id, .inner = inner[static_cast<std::size_t>(id)], .rows = rows_of(program, program.node(id))});
  std::vector<char> ready(program.nodes().size(), 0);
  for (auto step = s.forward.rbegin(); step != s.forward.rend(); ++step) {
    if (!program.node(step->node).wants_bar) continue;
    Plan::Step back = *step;
    const Node& operation = program.node(step->inner >= 0 ? step->inner : step->node);
    back.ready = ready[static_cast<std::size_t>(step->node)];
    if (const int o = operation.operands[0]; o >= 0 && inner[static_cast<std::size_t>(o)] >= 0 &&
                                             program.consumers(o) == 1 && o != program.loss() &&
                                             program.node(inner[static_cast<std::size_t>(o)]).op == operation.op &&
                                             program.node(operation.operands[1]).kind == NodeKind::parameter) {
      back.through = true;
      ready[static_cast<std::size_t>(o)] = 1;
    }
    for (int i = 0; i < operation.op->operands; ++i) {
      const int o = operation.operands[static_cast<std::size_t>(i)];
      const Node& operand = program.node(o);
      if (!(operation.op->differentiable >> i & 1u) || !operand.wants_bar || !operand.shape.is_batch()) continue;
      if (touched[static_cast<std::size_t>(o)]) continue;
      touched[static_cast<std::size_t>(o)] = 1;
      back.fresh[i] = operation.op->assigns;
      back.clear[i] = !operation.op->assigns;
    }
    s.backward.push_back(back);
  }
  return s;
}

bool is_parameter(const Program& program, int id, bool wanted) {
  const Node& n = program.node(id);
  return n.kind == NodeKind::parameter && (n.wants_bar || !wanted);
}

/// Affines of few outputs that alone read a fused affine of few inputs.
void pair_up(const Program& program, std::vector<Plan::Step>& steps, Plan::Pairs limits, bool backward) {
  for (Plan::Step& second : steps) {
    const Node& n = program.node(second.node);
    if (second.inner >= 0 || !n.op->contracts || n.op->operands != 3 || !n.shape.is_batch()) continue;
    const int between = n.operands[0];
    const auto first = std::find_if(steps.begin(), steps.end(), [&](const Plan::Step& s) { return s.node == between; });
    if (first == steps.end() || first->inner < 0 || program.consumers(between) != 1) continue;
    const Node& inner = program.node(first->inner);
    const Node& input = program.node(inner.operands[0]);
    if (inner.op != n.op || n.shape.columns > limits.outputs || input.shape.columns > limits.inputs) continue;
    if (backward && (!second.through || input.wants_bar)) continue;
    bool own = true;
    for (const Node* layer : {&n, &inner})
      for (int i = 1; i < 3; ++i)
        own = own && is_parameter(program, layer->operands[static_cast<std::size_t>(i)], backward);
    if (own) second.before = static_cast<int>(first - steps.begin());
  }
}

ParameterRange wanted_parameters(const Program& program) {
  ParameterRange wanted{program.parameters().size(), 0};
  for (const Node& n : program.nodes()) {
    if (n.kind != NodeKind::parameter || !n.wants_bar) continue;
    wanted.begin = std::min(wanted.begin, n.slot);
    wanted.end = std::max(wanted.end, n.slot + n.shape.rows * n.shape.columns);
  }
  return wanted.begin < wanted.end ? wanted : ParameterRange{};
}

/// The nodes that the loss depends on.
std::vector<char> under_loss(const Program& program) {
  std::vector<char> under(program.nodes().size(), 0);
  if (program.loss() >= 0) under[static_cast<std::size_t>(program.loss())] = 1;
  for (std::size_t i = under.size(); i-- > 0;)
    for (const int o : program.nodes()[i].operands)
      if (under[i] && o >= 0) under[static_cast<std::size_t>(o)] = 1;
  return under;
}

}  // namespace

Plan::Plan(const Program& program, bool (*fused_by)(const void*, const Op&, const Op&), const void* context,
           bool loss_only, int in_place, Pairs pairs) {
  const std::size_t count = program.nodes().size();
  value.assign(count, none);
  bar.assign(count, none);
  partial.assign(count, none);
  wanted = wanted_parameters(program);
  const std::vector<char> serves_loss = under_loss(program);
  for (std::size_t i = 0; i < count; ++i) {
    const Node& n = program.nodes()[i];
    if (!n.used) continue;
    const std::ptrdiff_t fixed = n.shape.is_batch() ? 0 : std::ptrdiff_t{n.shape.columns} * fixed_ld(n.shape);
    const auto take = [](std::ptrdiff_t& total, std::ptrdiff_t size) {
      const std::ptrdiff_t at = total;
      total += size;
      return at;
    };
    if (n.kind == NodeKind::index) {
      index_nodes.push_back(static_cast<int>(i));
      value[i] = static_cast<std::ptrdiff_t>(index_nodes.size()) - 1;
    } else if (n.kind == NodeKind::parameter) {
      bar[i] = n.slot - wanted.begin;
    } else if (n.shape.is_batch()) {
      value[i] = take(block_columns, n.shape.columns);
      if (n.wants_bar) bar[i] = take(block_columns, n.shape.columns);
    } else {
      value[i] = take(fixed_size, fixed);
      if (n.wants_bar) bar[i] = take(n.reduced ? reduced_size : shard_size, fixed);
      if (n.over_batch) {
        partial[i] = take(shard_size, n.shape.columns);
        if (!loss_only || serves_loss[i]) reductions.push_back(static_cast<int>(i));
      }
    }
  }
  std::vector<char> touched(count, 0);
  const auto of = [&](std::vector<int> ids) {
    if (loss_only) std::erase_if(ids, [&](int id) { return !serves_loss[static_cast<std::size_t>(id)]; });
    return ids;
  };
  epilogue = sequence_of(program, of(program.epilogue()), touched, nullptr, nullptr);
  rows = sequence_of(program, of(program.rows()), touched, fused_by, context);
  prologue = sequence_of(program, of(program.prologue()), touched, nullptr, nullptr);
  pair_up(program, rows.forward, pairs, false);
  pair_up(program, rows.backward, pairs, true);
  for (const Step& step : rows.backward) {
    const Node& operation = program.node(step.inner >= 0 ? step.inner : step.node);
    if (!step.through || operation.shape.columns > in_place) continue;
    const int activation = operation.operands[0], before = program.node(activation).operands[0];
    bar[static_cast<std::size_t>(before)] = value[static_cast<std::size_t>(activation)];
  }
}

}  // namespace pigrad
