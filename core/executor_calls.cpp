#include <algorithm>
#include <functional>

#include "executor.hpp"

namespace pigrad {
namespace {

template <class S>
Panel<S> broadcast(Panel<S> p, const Shape& shape, const Shape& out) {
  if (shape.rows == 1 && out.rows != 1) p.row_stride = 0;
  if (shape.columns == 1 && out.columns != 1) p.column_stride = 0;
  return p;
}

/// Points what lies in one shard's gradient, or in the rest of it, to the same place of another's. Each pointer moves
/// once: memory that the first shard had may be the second's by now.
template <class S>
void move(Call<S>& call, const ShardPlace<Real<S>>& from, const ShardPlace<Real<S>>& to) {
  const auto point = [&](Panel<S>& panel) {
    for (Real<S>** p : {&panel.value, &panel.tangent}) {
      const auto lies_in = [&](Real<S>* begin, std::size_t size) {
        return *p && std::less_equal<>()(begin, *p) && std::less<>()(*p, begin + size);
      };
      if (lies_in(from.gradient, from.gradient_size))
        *p = to.gradient + (*p - from.gradient);
      else if (lies_in(from.rest, from.rest_size))
        *p = to.rest + (*p - from.rest);
    }
  };
  for (Panel<S>* panel : {&call.out, &call.out_bar, &call.inner_bar}) point(*panel);
  for (Panel<S>& panel : call.in) point(panel);
  for (Panel<S>& panel : call.in_bar) point(panel);
}

}  // namespace

template <class S>
Call<S> Executor<S>::call(const Plan& plan, const Plan::Step& step, const Block<S>& block, bool vjp) const {
  const Node& result = program.node(step.node);
  const Node& operation = program.node(step.inner >= 0 ? step.inner : step.node);
  Call<S> c;
  c.rows = step.rows == Shape::batch_rows ? block.count : step.rows;
  c.begin = block.begin;
  c.columns = result.shape.columns;
  c.attributes = operation.attributes;
  c.matrix = &backend.matrix;
  if (packed) c.packed = weights.of(step.inner >= 0 ? step.inner : step.node);
  c.scale = scale(result);
  c.out = vjp || !result.over_batch ? value(plan, step.node, block) : partial(plan, step.node, block);
  if (vjp) c.out_bar = bar(plan, step.node, block);
  if (vjp && step.inner >= 0) c.inner_bar = bar(plan, step.inner, block);
  c.inner_ready = step.ready;
  for (int i = 0; i < operation.op->operands; ++i) {
    const int id = operation.operands[static_cast<std::size_t>(i)];
    const Node& operand = program.node(id);
    c.shapes[i] = operand.shape;
    if (operand.kind == NodeKind::index) {
      c.index = block.worker->index.data() + plan.value[static_cast<std::size_t>(id)] * block.ld;
      continue;
    }
    const auto stretched = [&](Panel<S> p) {
      return operation.op->contracts ? p : broadcast(p, operand.shape, result.shape);
    };
    c.in[i] = stretched(value(plan, id, block));
    if (!vjp || !(operation.op->differentiable >> i & 1u) || !operand.wants_bar) continue;
    c.fresh[i] = step.fresh[i];
    if (block.samples && !operand.shape.is_batch())
      aim_samples(plan, c, operation, i, block);
    else
      c.in_bar[i] = stretched(bar(plan, id, block));
  }
  if (vjp && step.through) {
    c.through = through_[static_cast<std::size_t>(operation.operands[0])];
    c.in_bar[0] = bar(plan, program.node(operation.operands[0]).operands[0], block);
  }
  if (vjp && block.samples && !result.shape.is_batch() && !result.reduced) {
    c.rows = block.count;
    c.out.row_stride = 0;
    c.out_bar = lifted(block.samples->lifted[static_cast<std::size_t>(step.node)], block);
    for (Panel<S>& in : c.in) in.row_stride = 0;
  }
  return c;
}

template <class S>
void Executor<S>::aim_samples(const Plan&, Call<S>& c, const Node& operation, int i, const Block<S>& block) const {
  if constexpr (!is_dual<S>) {
    const int id = operation.operands[static_cast<std::size_t>(i)];
    const Node& operand = program.node(id);
    const std::ptrdiff_t column = block.samples->lifted[static_cast<std::size_t>(id)];
    if (column == Plan::none) {
      using Kind = typename SampleTarget<T>::Kind;
      const bool dot = sink.kind == Sink<T>::Kind::dot;
      c.sample[i] = {dot ? Kind::dot : Kind::norm, sink.out + block.begin, dot ? sink.vector + operand.slot : nullptr};
    } else if (operation.op->contracts) {
      c.lifted[i] = lifted(column, block);
    } else {
      c.in_bar[i] = lifted(column, block);
      if (operand.shape.columns == 1 && operation.shape.columns != 1) c.in_bar[i].column_stride = 0;
    }
  }
}

/// Calls of affines that run the layer before them too.
template <class S>
void Executor<S>::pair_up(const std::vector<Plan::Step>& steps, std::vector<Call<S>>& calls, bool backward) const {
  if constexpr (!is_dual<S>) {
    if (packed || !places.empty()) return;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].before < 0) continue;
      const auto before = static_cast<std::size_t>(steps[i].before);
      const KernelPair<T>& both = pairs_[static_cast<std::size_t>(steps[before].node)];
      if (!(backward ? both.vjp : both.forward)) continue;
      calls[i].before = &calls[before];
      calls[before].with_next = true;
    }
  }
}

/// Ready but for the rows, which every block sets; backward calls are made where they are first wanted.
template <class S>
CallCache<S>& Executor<S>::calls(const Plan& plan, const Plan::Sequence& sequence, const Block<S>& block) const {
  Worker<S>& w = *block.worker;
  auto found = std::find_if(w.calls.begin(), w.calls.end(),
                            [&](const CallCache<S>& cache) { return cache.sequence == &sequence; });
  if (found == w.calls.end()) found = w.calls.insert(found, {&sequence, {}, {}, {}, {}, {}});
  const ShardPlace<T> shard{block.gradient, block.shard, static_cast<std::size_t>(plan.wanted.size()) * planes,
                            static_cast<std::size_t>(plan.shard_size) * planes};
  const typename CallCache<S>::Key key{w.arena.data(), w.index.data(), parameters, tangents,
                                       block.ld,       total_rows,     packed,     !places.empty()};
  if (found->key == key) {
    if (found->shard != shard)
      for (auto* all : {&found->forward, &found->backward})
        for (Call<S>& c : *all) move(c, found->shard, shard);
    found->shard = shard;
    return *found;
  }
  found->key = key;
  found->shard = shard;
  found->forward.clear();
  found->backward.clear();
  for (const Plan::Step& step : sequence.forward) found->forward.push_back(call(plan, step, block, false));
  pair_up(sequence.forward, found->forward, false);
  return *found;
}

#define PIGRAD_INSTANTIATE(S)                                                                           \
  template Call<S> Executor<S>::call(const Plan&, const Plan::Step&, const Block<S>&, bool) const;      \
  template CallCache<S>& Executor<S>::calls(const Plan&, const Plan::Sequence&, const Block<S>&) const; \
  template void Executor<S>::pair_up(const std::vector<Plan::Step>&, std::vector<Call<S>>&, bool) const
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
PIGRAD_INSTANTIATE(Dual<float>);
PIGRAD_INSTANTIATE(Dual<double>);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
