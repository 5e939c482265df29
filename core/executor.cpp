#include "executor.hpp"

#include <algorithm>

namespace pigrad {
namespace {

template <class S>
Panel<S> panel(Real<S>* base, std::ptrdiff_t plane, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride) {
  return {base, is_dual<S> ? base + plane : nullptr, column_stride, row_stride};
}

/// Input gradients of so few outputs are made in one pass, which may write where it has read.
constexpr int in_place = 2;

template <class T>
constexpr Plan::Pairs pairs{Backend<T>::pair_inputs, Backend<T>::pair_outputs};

template <class T>
bool swallows(const void* backend, const Op& first, const Op& second) {
  return static_cast<const Backend<T>*>(backend)->fusion(first, second) != nullptr;
}

}  // namespace

template <class S>
Executor<S>::Executor(const Program& recorded, const Backend<T>& kernels)
    : program(recorded),
      backend(kernels),
      fused(recorded, is_dual<S> ? nullptr : &swallows<T>, &kernels, false, in_place, pairs<T>),
      lean(recorded, is_dual<S> ? nullptr : &swallows<T>, &kernels, true, in_place, pairs<T>),
      plain(recorded, nullptr, nullptr),
      weights(recorded, kernels) {
  for (const Node& n : program.nodes()) {
    kernels_.push_back({});
    fused_kernels_.push_back({});
    through_.push_back(nullptr);
    pairs_.push_back({});
    if (!n.op) continue;
    if constexpr (is_dual<S>) {
      kernels_.back() = std::get<KernelPair<S>>(n.op->kernels);
    } else {
      kernels_.back() = backend.kernels(*n.op);
      const Node* first = n.operands[0] >= 0 ? &program.node(n.operands[0]) : nullptr;
      if (const auto* fusion = first && first->op ? backend.fusion(*first->op, *n.op) : nullptr)
        fused_kernels_.back() = fusion->kernels, through_.back() = fusion->through, pairs_.back() = fusion->pair;
    }
  }
  fixed.reserve(static_cast<std::size_t>(plain.fixed_size) * planes);
  reduced.reserve(static_cast<std::size_t>(plain.reduced_size) * planes);
  if (is_dual<S>) zeros.reserve(static_cast<std::size_t>(program.parameters().size()));
  const Block<S> none{};
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    const Node& n = program.nodes()[i];
    if (n.kind != NodeKind::constant || !n.used) continue;
    const Panel<S> p = value(plain, static_cast<int>(i), none);
    for (int r = 0; r < n.shape.rows; ++r)
      for (int c = 0; c < n.shape.columns; ++c)
        p.value[p.at(c, r)] =
            static_cast<T>(program.constants()[static_cast<std::size_t>(n.slot + r * n.shape.columns + c)]);
  }
}

template <class S>
KernelPair<S> Executor<S>::kernels(const Plan::Step& step) const {
  return (step.inner >= 0 ? fused_kernels_ : kernels_)[static_cast<std::size_t>(step.node)];
}

template <class S>
Panel<S> Executor<S>::value(const Plan& plan, int id, const Block<S>& block) const {
  const Node& n = program.node(id);
  const std::ptrdiff_t at = plan.value[static_cast<std::size_t>(id)];
  if (n.kind == NodeKind::parameter)
    return {const_cast<T*>(parameters) + n.slot, is_dual<S> ? const_cast<T*>(tangents) + n.slot : nullptr, 1,
            n.shape.columns};
  if (placed(id)) {
    const View<T>& there = places[static_cast<std::size_t>(id)].view;
    return {there.data + block.begin, nullptr, there.column_stride, 1};
  }
  if (n.shape.is_batch())
    return panel<S>(block.worker->arena.data() + at * block.ld, plan.block_columns * block.ld, block.ld, 1);
  return panel<S>(const_cast<T*>(fixed.data()) + at, plan.fixed_size, Plan::fixed_ld(n.shape), 1);
}

template <class S>
Panel<S> Executor<S>::bar(const Plan& plan, int id, const Block<S>& block) const {
  const Node& n = program.node(id);
  const std::ptrdiff_t at = plan.bar[static_cast<std::size_t>(id)];
  if (!n.wants_bar) return {};
  if (n.kind == NodeKind::parameter) return panel<S>(block.gradient + at, plan.wanted.size(), 1, n.shape.columns);
  if (n.shape.is_batch())
    return panel<S>(block.worker->arena.data() + at * block.ld, plan.block_columns * block.ld, block.ld, 1);
  if (n.reduced) return panel<S>(const_cast<T*>(reduced.data()) + at, plan.reduced_size, Plan::fixed_ld(n.shape), 1);
  return panel<S>(block.shard + at, plan.shard_size, Plan::fixed_ld(n.shape), 1);
}

template <class S>
Panel<S> Executor<S>::partial(const Plan& plan, int id, const Block<S>& block) const {
  return panel<S>(block.shard + plan.partial[static_cast<std::size_t>(id)], plan.shard_size, 1, 0);
}

template <class S>
Panel<S> Executor<S>::lifted(std::ptrdiff_t column, const Block<S>& block) const {
  return {block.worker->lifted.data() + column * block.ld, nullptr, block.ld, 1};
}

template <class S>
double Executor<S>::scale(const Node& n) const {
  if (!n.op->averages) return 1;
  const Shape& in = program.node(n.operands[0]).shape;
  const double rows = in.is_batch() ? total_rows : in.rows;
  if (n.op->locality == Locality::row_local) return 1.0 / in.columns;
  return 1.0 / (n.shape.columns == in.columns ? rows : rows * in.columns);
}

/// Values in somebody else's memory lie elsewhere for every block.
template <class S>
void Executor<S>::point_at_places(const Plan::Step& step, const Block<S>& block, Call<S>& call) const {
  const auto point = [&](int node, Panel<S>& panel) {
    if (!placed(node)) return;
    const View<T>& there = places[static_cast<std::size_t>(node)].view;
    panel.value = there.data + block.begin;
    if (panel.column_stride != 0) panel.column_stride = there.column_stride;
  };
  point(step.node, call.out);
  const Node& operation = program.node(step.inner >= 0 ? step.inner : step.node);
  for (int i = 0; i < operation.op->operands; ++i) point(operation.operands[static_cast<std::size_t>(i)], call.in[i]);
}

template <class S>
void Executor<S>::run(const Plan::Step& step, const Call<S>& c, bool backward) const {
  if (c.with_next) return;
  if constexpr (!is_dual<S>) {
    if (c.before) {
      const KernelPair<T>& both = pairs_[static_cast<std::size_t>(program.node(step.node).operands[0])];
      return (backward ? both.vjp : both.forward)(c);
    }
  }
  const KernelPair<S> own = kernels(step);
  (backward ? own.vjp : own.forward)(c);
}

template <class S>
void Executor<S>::forward(const Plan& plan, const Plan::Sequence& sequence, const Block<S>& block, bool check) const {
  if (sequence.forward.empty()) return;
  Call<S>* next = calls(plan, sequence, block).forward.data();
  for (const Plan::Step& step : sequence.forward) {
    const Node& n = program.node(step.node);
    Call<S>& c = *next++;
    if (!places.empty() && places[static_cast<std::size_t>(step.node)].known) continue;
    if (step.rows == Shape::batch_rows) c.rows = block.count;
    c.begin = block.begin;
    if (!places.empty()) point_at_places(step, block, c);
    const bool whole = n.op->locality == Locality::reduction && (program.row_mixing() || !n.over_batch);
    if (whole)
      for (int i = 0; i < c.columns; ++i) c.out.set(i, 0, S(T(0)));
    run(step, c, false);
    if (whole) {
      const Panel<S> result = value(plan, step.node, block);
      for (int i = 0; i < c.columns; ++i) result.set(i, 0, c.out.get(i, 0) * S(static_cast<T>(c.scale)));
    }
    if (check && !(n.over_batch && !program.row_mixing())) check_finite(plan, step.node, block, false);
  }
}

template <class S>
void Executor<S>::backward(const Plan& plan, const Plan::Sequence& sequence, const Block<S>& block, bool check) const {
  if (sequence.backward.empty()) return;
  CallCache<S>& cache = calls(plan, sequence, block);
  std::vector<Call<S>>& ready = block.samples ? cache.of_samples : cache.backward;
  if (block.samples) ready.clear();
  if (ready.empty()) {
    for (const Plan::Step& step : sequence.backward) ready.push_back(call(plan, step, block, true));
    if (!block.samples) pair_up(sequence.backward, ready, true);
  }
  Call<S>* next = ready.data();
  for (const Plan::Step& step : sequence.backward) {
    Call<S>& c = *next++;
    if (step.rows == Shape::batch_rows) c.rows = block.count;
    c.begin = block.begin;
    if (!places.empty()) point_at_places(step, block, c);
    for (int i = 0; i < Call<S>::max_operands; ++i) {
      if (!step.clear[i]) continue;
      const Panel<S>& p = c.in_bar[i];
      const auto bytes = sizeof(T) * static_cast<std::size_t>(c.shapes[i].columns) * static_cast<std::size_t>(block.ld);
      std::memset(p.value, 0, bytes);
      if (is_dual<S>) std::memset(p.tangent, 0, bytes);
    }
    if (check && program.node(step.node).shape.is_batch()) check_finite(plan, step.node, block, true);
    run(step, c, true);
  }
}

template <class S>
SamplePlan Executor<S>::sample_plan(typename Sink<T>::Kind kind) const {
  SamplePlan made;
  const auto& nodes = program.nodes();
  made.lifted.assign(nodes.size(), Plan::none);
  std::vector<int> contracted(nodes.size(), 0), elementwise(nodes.size(), 0);
  for (const Node& n : nodes)
    for (int i = 0; n.op && i < n.op->operands; ++i) {
      const auto o = static_cast<std::size_t>(n.operands[static_cast<std::size_t>(i)]);
      if (!n.wants_bar || !(n.op->differentiable >> i & 1u) || !nodes[o].wants_bar || nodes[o].shape.is_batch())
        continue;
      ++(n.op->contracts ? contracted : elementwise)[o];
      const bool simple = n.shape.is_batch() || (n.shape.rows == 1 && !n.op->contracts);
      if (!nodes[o].reduced && (!simple || n.op->locality == Locality::reduction)) made.one_by_one = true;
      if (!n.op->contracts && nodes[o].shape.rows != 1) made.one_by_one = true;
    }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& n = nodes[i];
    if (!n.wants_bar || n.shape.is_batch() || n.reduced) continue;
    const bool direct = n.kind == NodeKind::parameter && elementwise[i] == 0 &&
                        (kind == Sink<T>::Kind::dot || (kind == Sink<T>::Kind::norm && contracted[i] == 1));
    if (direct) continue;
    made.lifted[i] = made.columns;
    made.columns += n.shape.rows * n.shape.columns;
  }
  return made;
}

template class Executor<float>;
template class Executor<double>;
template class Executor<Dual<float>>;
template class Executor<Dual<double>>;

}  // namespace pigrad
