#include "workspace_impl.hpp"

#include "parallel.hpp"

namespace pigrad {

template <class S>
void Workspace<S>::Impl::bind(const Bindings<T>& b) {
  require(b.program_ == &program(), "run", "these bindings were made for another program", "make them for this one");
  if (b.rows_ < 1) throw Error("run", std::to_string(b.rows_) + " rows", "bind a batch of at least 1 row");
  if (program().parameters().size() > 0 && !b.parameters_)
    throw Error("run", "the parameters are not bound", "call Bindings::parameters");
  for (std::size_t i = 0; i < program().inputs().size(); ++i) {
    const InputSlot& slot = program().inputs()[i];
    if (!program().node(slot.node).used) continue;
    if (slot.index ? !b.indices_[i].data : !b.inputs_[i].data)
      throw Error(slot.name, "this input is not bound", "bind it before running");
  }
  executor.parameters = b.parameters_;
  executor.tangents = b.tangents_ ? b.tangents_ : executor.zeros.data();
  executor.total_rows = b.rows_;
  for (std::size_t i = 0; i < program().inputs().size(); ++i) {
    const InputSlot& slot = program().inputs()[i];
    if (slot.shape.is_batch() || !program().node(slot.node).used) continue;
    const Panel<S> p = executor.value(executor.plain, slot.node, Block<S>{});
    const View<const T>&from = b.inputs_[i], &tangent = b.input_tangents_[i];
    for (int r = 0; r < slot.shape.rows; ++r)
      for (int c = 0; c < slot.shape.columns; ++c) {
        p.value[p.at(c, r)] = from.data[r * from.row_stride + c * from.column_stride];
        if constexpr (is_dual<S>)
          p.tangent[p.at(c, r)] = tangent ? tangent.data[r * tangent.row_stride + c * tangent.column_stride] : T(0);
      }
  }
}

template <class S>
void Workspace<S>::Impl::reserve(Worker<S>& w, int ld, const SamplePlan* sample_plan) const {
  const auto width = static_cast<std::size_t>(ld);
  w.arena.reserve(static_cast<std::size_t>(executor.plain.block_columns) * width * Executor<S>::planes);
  w.index.reserve(executor.plain.index_nodes.size() * width);
  if (sample_plan) w.lifted.reserve(static_cast<std::size_t>(sample_plan->columns) * width);
}

template <class S>
void Workspace<S>::Impl::reserve(int threads, int ld, int shard_count, const SamplePlan* sample_plan) {
  if (static_cast<int>(workers.size()) < threads) workers.resize(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) reserve(workers[static_cast<std::size_t>(i)], ld, sample_plan);
  if (sample_plan && sample_plan->one_by_one) reserve(alone, Plan::row_multiple, nullptr);
  shards.reserve(shard_stride() * static_cast<std::size_t>(shard_count));
}

/// Values that the caller holds, or wants, and that kernels can work on where they are. The others are copied.
template <class S>
void Workspace<S>::Impl::find_places(const Bindings<T>& b, bool may) {
  executor.places.clear();
  if (is_dual<S> || !may || (b.known_.empty() && b.values_out_.empty())) return;
  executor.places.resize(program().nodes().size());
  const auto whole_vectors = [](const auto& view) {
    return view.column_stride % Plan::row_multiple == 0 && reinterpret_cast<std::uintptr_t>(view.data) % 64 == 0;
  };
  for (const auto& [node, view] : b.known_) {
    auto& place = executor.places[static_cast<std::size_t>(node)];
    place.known = true;
    if (!b.order_ && whole_vectors(view)) place.view = {const_cast<T*>(view.data), view.column_stride, 1};
  }
  if (b.rows_ % Plan::row_multiple != 0) return;
  for (const auto& [node, view] : b.values_out_)
    if (whole_vectors(view)) executor.places[static_cast<std::size_t>(node)].view = view;
}

template <class S>
void Workspace<S>::Impl::load(const Bindings<T>& b, const Block<S>& block) const {
  const auto row = [&](int r) -> std::ptrdiff_t { return b.order_ ? b.order_[block.begin + r] : block.begin + r; };
  const auto copy = [&](const View<const T>& from, const Panel<S>& to, T* plane, int columns) {
    for (int c = 0; c < columns; ++c) {
      T* column = plane + to.at(c, 0);
      const T* source = from ? from.data + c * from.column_stride : nullptr;
      if (!from)
        std::fill_n(column, block.count, T(0));
      else if (!b.order_ && from.row_stride == 1)
        std::copy_n(source + block.begin, block.count, column);
      else
        for (int r = 0; r < block.count; ++r) column[r] = source[row(r) * from.row_stride];
    }
  };
  for (std::size_t i = 0; i < program().inputs().size(); ++i) {
    const InputSlot& slot = program().inputs()[i];
    if (!program().node(slot.node).used) continue;
    if (slot.index) {
      std::int32_t* to =
          block.worker->index.data() + executor.plain.value[static_cast<std::size_t>(slot.node)] * block.ld;
      for (int r = 0; r < block.count; ++r) to[r] = b.indices_[i].data[row(r) * b.indices_[i].row_stride];
      continue;
    }
    if (!slot.shape.is_batch()) continue;
    const Panel<S> to = executor.value(executor.plain, slot.node, block);
    copy(b.inputs_[i], to, to.value, slot.shape.columns);
    if constexpr (is_dual<S>) copy(b.input_tangents_[i], to, to.tangent, slot.shape.columns);
  }
  if (executor.places.empty()) return;
  for (const auto& [node, view] : b.known_) {
    if (executor.placed(node)) continue;
    const Panel<S> to = executor.value(executor.plain, node, block);
    copy(view, to, to.value, program().node(node).shape.columns);
  }
}

template <class S>
void Workspace<S>::Impl::store(const Bindings<T>& b, const Plan& plan, const Block<S>& block) const {
  for (std::size_t i = 0; i < program().outputs().size(); ++i) {
    const View<T>& to = b.outputs_[i];
    const int id = program().outputs()[i].node;
    if (!to || !program().node(id).shape.is_batch()) continue;
    const Panel<S> from = executor.value(plan, id, block);
    for (int c = 0; c < program().node(id).shape.columns; ++c)
      for (int r = 0; r < block.count; ++r)
        to.data[(block.begin + r) * to.row_stride + c * to.column_stride] = from.value[from.at(c, r)];
  }
  for (const auto& [node, view] : b.values_out_) {
    if (executor.placed(node)) continue;
    const Panel<S> from = executor.value(plan, node, block);
    for (int c = 0; c < program().node(node).shape.columns; ++c)
      std::copy_n(from.value + from.at(c, 0), block.count, view.data + block.begin + c * view.column_stride);
  }
}

/// Adjoints of what follows the reductions. Linear there, so they need no value and come before the rows.
template <class S>
void Workspace<S>::Impl::seed_epilogue(const Plan& plan, const Block<S>& first, bool check) {
  std::fill_n(executor.reduced.data(), executor.reduced.size(), T(0));
  const Panel<S> loss = executor.bar(plan, program().loss(), first);
  if (!loss) return;
  loss.set(0, 0, S(T(1)));
  if (!program().row_mixing()) executor.backward(plan, plan.epilogue, first, check);
}

template <class S>
void Workspace<S>::Impl::finish_reductions(const Plan& plan, const Block<S>& first, bool check) {
  for (const int id : plan.reductions) {
    const Node& n = program().node(id);
    const Panel<S> from = executor.partial(plan, id, first), to = executor.value(plan, id, first);
    for (int c = 0; c < n.shape.columns; ++c) to.set(c, 0, from.get(c, 0) * S(static_cast<T>(executor.scale(n))));
    if (check) executor.check_finite(plan, id, first, false);
  }
}

/// The fixed tree: shard i takes in shard i + step, for steps 1, 2, 4, …; of it what lies in `mine`.
template <class S>
void Workspace<S>::Impl::add_shards(int threads, int count, const Part& mine) {
  if (count < 2) return;
  constexpr std::size_t chunk = 8192, worth_a_section = std::size_t{1} << 18;
  const std::size_t whole = shard_stride(),
                    of_gradient = static_cast<std::size_t>(executor.plain.wanted.size()) * Executor<S>::planes;
  if (whole * static_cast<std::size_t>(count) < worth_a_section) threads = 1;
  const int chunks = static_cast<int>((of_gradient + chunk - 1) / chunk);
  const auto add = [this, count, &mine](auto part, std::size_t begin, std::size_t end) {
    for (int step = 1; step < count; step *= 2)
      for (int to = 0; to + step < count; to += 2 * step) {
        if (to < mine.begin || to + 2 * step > mine.end || carried(to, to + 2 * step)) continue;
        T* a = part(to);
        const T* b = part(to + step);
        for (std::size_t j = begin; j < end; ++j) a[j] += b[j];
      }
  };
  parallel_for(threads, chunks, [&](int i, int) {
    const std::size_t begin = static_cast<std::size_t>(i) * chunk;
    add([this](int s) { return gradient(s); }, begin, std::min(of_gradient, begin + chunk));
  });
  add([this](int s) { return shard(s); }, 0, padded(executor.plain.shard_size));
}

template <class S>
void Workspace<S>::Impl::sink_samples(const Block<S>& block) const {
  const Sink<T>& sink = executor.sink;
  const int size = program().parameters().size();
  for (std::size_t i = 0; i < program().nodes().size(); ++i) {
    const Node& n = program().nodes()[i];
    const std::ptrdiff_t column = block.samples->lifted[i];
    if (n.kind != NodeKind::parameter || column == Plan::none) continue;
    for (int e = 0; e < n.shape.rows * n.shape.columns; ++e) {
      const T* own = block.worker->lifted.data() + (column + e) * block.ld;
      for (int r = 0; r < block.count; ++r) {
        const std::ptrdiff_t sample = block.begin + r;
        if (sink.kind == Kind::rows)
          sink.out[sample * size + n.slot + e] = own[r];
        else
          sink.out[sample] += own[r] * (sink.kind == Kind::dot ? sink.vector[n.slot + e] : own[r]);
      }
    }
  }
}

/// Per-sample gradients the slow, general way: every row is a block whose whole gradient is that sample's. It has a
/// worker and a shard of its own, so that the run's kept values and loss stay.
template <class S>
void Workspace<S>::Impl::run_one_by_one(const Bindings<T>& b, const Plan& plan, int spare) {
  const Sink<T>& sink = executor.sink;
  const int size = program().parameters().size();
  for (int r = 0; r < b.rows_; ++r) {
    const Block<S> block{&alone, gradient(spare), shard(spare), r, 1, Plan::row_multiple};
    clear_shard(spare);
    load(b, block);
    executor.forward(plan, plan.rows, block, false);
    executor.backward(plan, plan.rows, block, false);
    executor.backward(plan, plan.prologue, block, false);
    const ParameterRange wanted = plan.wanted;
    for (int i = wanted.begin; i < wanted.end; ++i) {
      const T g = gradient(spare)[i - wanted.begin];
      if (sink.kind == Kind::rows)
        sink.out[static_cast<std::ptrdiff_t>(r) * size + i] = g;
      else
        sink.out[r] += g * (sink.kind == Kind::dot ? sink.vector[i] : g);
    }
  }
}

template struct Workspace<float>::Impl;
template struct Workspace<double>::Impl;
template struct Workspace<Dual<float>>::Impl;
template struct Workspace<Dual<double>>::Impl;

}  // namespace pigrad
