#include "workspace.hpp"

#include <algorithm>
#include <cmath>

#include "executor.hpp"
#include "parallel.hpp"

namespace pigrad {

template <class S>
struct Workspace<S>::Impl {
  using Kind = typename Sink<T>::Kind;

  Impl(const Program& program, const std::string& name) : executor(program, find_backend<T>(name)) {
    for (const Kind kind : {Kind::norm, Kind::dot, Kind::rows}) samples.push_back(executor.sample_plan(kind));
  }

  Executor<S> executor;
  std::vector<SamplePlan> samples;
  std::vector<Worker<S>> workers;
  Aligned<T> shards;
  Block<S> kept{};
  bool has_kept = false, has_adjoints = false;

  const Program& program() const { return executor.program; }
  const Node& node_of(int id) const {
    if (id < 0 || id >= static_cast<int>(program().nodes().size()))
      throw Error("node " + std::to_string(id),
                  "the program has " + std::to_string(program().nodes().size()) + " nodes",
                  "give a number of Program::table");
    if (!program().node(id).used)
      throw Error("node " + std::to_string(id), "neither the loss nor an output depends on it",
                  "name it among the outputs of Tape::program");
    return program().node(id);
  }
  std::size_t shard_stride() const {
    return (static_cast<std::size_t>(executor.plain.shard_size) * Executor<S>::planes + 15) / 16 * 16;
  }
  T* shard(int i) { return shards.data() + static_cast<std::size_t>(i) * shard_stride(); }
  void clear_shard(int i) { std::fill_n(shard(i), shard_stride(), T(0)); }

  void bind(const Bindings<T>& b);
  void reserve(int threads, int ld, int shard_count, const SamplePlan* sample_plan);
  void load(const Bindings<T>& b, const Block<S>& block) const;
  void store(const Bindings<T>& b, const Plan& plan, const Block<S>& block) const;
  void seed_epilogue(const Plan& plan, bool check);
  void finish_reductions(const Plan& plan, bool check);
  void add_shards(int threads, int count);
  void sink_samples(const Block<S>& block) const;
  void run_one_by_one(const Bindings<T>& b, const Plan& plan, int worker, int spare);
};

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
    const View<const T>& from = b.inputs_[i];
    for (int r = 0; r < slot.shape.rows; ++r)
      for (int c = 0; c < slot.shape.columns; ++c)
        p.value[p.at(c, r)] = from.data[r * from.row_stride + c * from.column_stride];
  }
}

template <class S>
void Workspace<S>::Impl::reserve(int threads, int ld, int shard_count, const SamplePlan* sample_plan) {
  if (static_cast<int>(workers.size()) < threads) workers.resize(static_cast<std::size_t>(threads));
  const auto width = static_cast<std::size_t>(ld);
  for (int i = 0; i < threads; ++i) {
    Worker<S>& w = workers[static_cast<std::size_t>(i)];
    w.arena.reserve(static_cast<std::size_t>(executor.plain.block_columns) * width * Executor<S>::planes);
    w.index.reserve(executor.plain.index_nodes.size() * width);
    if (sample_plan) w.lifted.reserve(static_cast<std::size_t>(sample_plan->columns) * width);
  }
  shards.reserve(shard_stride() * static_cast<std::size_t>(shard_count));
}

template <class S>
void Workspace<S>::Impl::load(const Bindings<T>& b, const Block<S>& block) const {
  const auto row = [&](int r) -> std::ptrdiff_t { return b.order_ ? b.order_[block.begin + r] : block.begin + r; };
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
    const View<const T>& from = b.inputs_[i];
    for (int c = 0; c < slot.shape.columns; ++c) {
      T* column = to.value + to.at(c, 0);
      if (is_dual<S>) std::fill_n(to.tangent + to.at(c, 0), block.count, T(0));
      const T* source = from.data + c * from.column_stride;
      if (!b.order_ && from.row_stride == 1)
        std::copy_n(source + block.begin, block.count, column);
      else
        for (int r = 0; r < block.count; ++r) column[r] = source[row(r) * from.row_stride];
    }
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
}

/// Adjoints of what follows the reductions. Linear there, so they need no value and come before the rows.
template <class S>
void Workspace<S>::Impl::seed_epilogue(const Plan& plan, bool check) {
  Block<S> first{};
  first.shard = shard(0);
  std::fill_n(executor.reduced.data(), executor.reduced.size(), T(0));
  const Panel<S> loss = executor.bar(plan, program().loss(), first);
  if (!loss) return;
  loss.set(0, 0, S(T(1)));
  if (!program().row_mixing()) executor.backward(plan, plan.epilogue, first, check);
}

template <class S>
void Workspace<S>::Impl::finish_reductions(const Plan& plan, bool check) {
  Block<S> first{};
  first.shard = shard(0);
  for (const int id : plan.reductions) {
    const Node& n = program().node(id);
    const Panel<S> from = executor.partial(plan, id, first), to = executor.value(plan, id, first);
    for (int c = 0; c < n.shape.columns; ++c) to.set(c, 0, from.get(c, 0) * S(static_cast<T>(executor.scale(n))));
    if (check) executor.check_finite(plan, id, first, false);
  }
}

/// The fixed tree: shard i takes in shard i + step, for steps 1, 2, 4, …
template <class S>
void Workspace<S>::Impl::add_shards(int threads, int count) {
  if (count < 2) return;
  constexpr std::size_t chunk = 8192, worth_a_section = std::size_t{1} << 18;
  const std::size_t size = shard_stride();
  if (size * static_cast<std::size_t>(count) < worth_a_section) threads = 1;
  const int chunks = static_cast<int>((size + chunk - 1) / chunk);
  parallel_for(threads, chunks, [&](int i, int) {
    const std::size_t begin = static_cast<std::size_t>(i) * chunk, end = std::min(size, begin + chunk);
    for (int step = 1; step < count; step *= 2)
      for (int to = 0; to + step < count; to += 2 * step) {
        T* a = shard(to);
        const T* b = shard(to + step);
        for (std::size_t j = begin; j < end; ++j) a[j] += b[j];
      }
  });
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
void Workspace<S>::Impl::run_one_by_one(const Bindings<T>& b, const Plan& plan, int worker, int spare) {
  const Sink<T>& sink = executor.sink;
  const int size = program().parameters().size();
  for (int r = 0; r < b.rows_; ++r) {
    const Block<S> block{&workers[static_cast<std::size_t>(worker)], shard(spare), r, 1, Plan::row_multiple};
    clear_shard(spare);
    load(b, block);
    executor.forward(plan, plan.rows, block, false);
    executor.backward(plan, plan.rows, block, false);
    executor.backward(plan, plan.prologue, block, false);
    for (int i = 0; i < size; ++i) {
      const T g = shard(spare)[i];
      if (sink.kind == Kind::rows)
        sink.out[static_cast<std::ptrdiff_t>(r) * size + i] = g;
      else
        sink.out[r] += g * (sink.kind == Kind::dot ? sink.vector[i] : g);
    }
  }
}

namespace {

[[noreturn]] void refuse_term(const Program& program, int id) {
  const std::string& label = program.node(id).label;
  throw Error("run",
              "the loss has a term of the parameters alone, " +
                  (label.empty() ? "node " + std::to_string(id) : "'" + label + "'"),
              "leave it out for per-sample gradients: it is no sample's");
}

}  // namespace

template <class S>
RunResult<Real<S>> Workspace<S>::run(const Bindings<T>& b, const Sink<T>& sink, const RunOptions& options) {
  using Kind = typename Sink<T>::Kind;
  Impl& m = *impl_;
  m.bind(b);
  const Program& program = m.program();
  const bool backward = sink.kind != Kind::none;
  const bool per_sample = backward && sink.kind != Kind::sum;
  if (backward && program.loss() < 0)
    throw Error("run", "the program has no loss", "record it with a loss, or run it forward with Sink::none()");
  if (per_sample && is_dual<S>)
    throw Error("run", "per-sample gradients of duals", "use float or double, or Sink::sum");
  if (per_sample && program.row_mixing())
    throw Error("run", "no sample has a gradient of its own: " + program.row_mixing_because(),
                "use Sink::sum, or bind that statistic as an input");
  const bool whole = program.row_mixing() || options.keep;
  const Plan& plan = options.keep || options.check ? m.executor.plain : m.executor.fused;
  const SamplePlan* samples = nullptr;
  if (per_sample) {
    samples = &m.samples[static_cast<std::size_t>(sink.kind) - static_cast<std::size_t>(Kind::norm)];
    for (const int id : program.epilogue())
      for (const int o : program.node(id).operands)
        if (o >= 0 && program.node(id).wants_bar && program.node(o).wants_bar && !program.node(o).reduced)
          refuse_term(program, o);
    if (const Node& loss = program.node(program.loss()); loss.wants_bar && !loss.reduced)
      refuse_term(program, program.loss());
  }
  const int block_size = whole ? b.rows_ : block_rows;
  const int blocks = (b.rows_ + block_size - 1) / block_size;
  const int shards = std::min(blocks, max_shards);
  const int ld = (block_size + Plan::row_multiple - 1) / Plan::row_multiple * Plan::row_multiple;
  const int threads = std::clamp(options.threads, 1, shards);
  const bool one_by_one = per_sample && samples->one_by_one;
  m.reserve(threads + one_by_one, ld, shards + one_by_one, samples);
  m.executor.sink = sink;
  m.has_kept = options.keep;
  m.has_adjoints = options.keep && backward;

  m.clear_shard(0);
  Block<S> first{&m.workers[0], m.shard(0), 0, b.rows_, ld};
  m.executor.forward(plan, plan.prologue, first, options.check);
  if (backward) m.seed_epilogue(plan, options.check);
  if (per_sample)
    std::fill_n(sink.out, std::ptrdiff_t{b.rows_} * (sink.kind == Kind::rows ? program.parameters().size() : 1), T(0));
  if (one_by_one) m.run_one_by_one(b, plan, threads, shards);
  const SamplePlan* in_blocks = one_by_one ? nullptr : samples;
  parallel_for(threads, shards, [&](int s, int worker) {
    if (s > 0) m.clear_shard(s);
    for (int k = s * blocks / shards; k < (s + 1) * blocks / shards; ++k) {
      const int begin = k * block_size;
      Block<S> block{&m.workers[static_cast<std::size_t>(worker)], m.shard(s), begin,
                     std::min(block_size, b.rows_ - begin),        ld,         in_blocks};
      m.load(b, block);
      m.executor.forward(plan, plan.rows, block, options.check);
      m.store(b, plan, block);
      if (!backward) continue;
      if (in_blocks) {
        Aligned<T>& lifted = block.worker->lifted;
        std::fill_n(lifted.data(), samples->columns * ld, T(0));
      }
      m.executor.backward(plan, plan.rows, block, options.check);
      if (in_blocks) {
        m.executor.backward(plan, plan.prologue, block, options.check);
        m.sink_samples(block);
      }
    }
  });
  m.add_shards(threads, shards);
  if (!program.row_mixing()) m.finish_reductions(plan, options.check);
  m.kept = first;
  m.executor.forward(plan, plan.epilogue, first, options.check);
  RunResult<T> result;
  if (program.loss() >= 0) {
    const Panel<S> loss = m.executor.value(plan, program.loss(), first);
    result.loss = loss.value[0];
    if constexpr (is_dual<S>) result.tangent = loss.tangent[0];
  }
  if (sink.kind == Kind::sum) {
    if (!program.row_mixing()) m.executor.backward(plan, plan.prologue, first, options.check);
    for (std::size_t i = 0; options.check && i < program.nodes().size(); ++i)
      if (program.nodes()[i].kind == NodeKind::parameter && program.nodes()[i].wants_bar)
        m.executor.check_finite(plan, static_cast<int>(i), first, true);
    const int size = program.parameters().size();
    std::copy_n(m.shard(0), size, sink.out);
    if (is_dual<S> && sink.tangent) std::copy_n(m.shard(0) + plan.shard_size, size, sink.tangent);
  } else if (sink.kind == Kind::norm) {
    for (int r = 0; r < b.rows_; ++r) sink.out[r] = std::sqrt(sink.out[r]);
  }
  return result;
}

template <class S>
Workspace<S>::Workspace(const Program& program, const std::string& backend)
    : impl_(std::make_unique<Impl>(program, backend)) {}
template <class S>
Workspace<S>::~Workspace() = default;
template <class S>
Workspace<S>::Workspace(Workspace&&) noexcept = default;
template <class S>
Workspace<S>& Workspace<S>::operator=(Workspace&&) noexcept = default;

template <class S>
Real<S> Workspace<S>::fixed(int node, int r, int c) const {
  const Shape& shape = impl_->node_of(node).shape;
  if (shape.is_batch())
    throw Error("fixed", "node " + std::to_string(node) + " is " + shape.text(), "bind it as an output, or keep it");
  if (r < 0 || r >= shape.rows || c < 0 || c >= shape.columns)
    throw Error("fixed", "[" + std::to_string(r) + "," + std::to_string(c) + "] of " + shape.text(),
                "give an element inside it");
  const Panel<S> p = impl_->executor.value(impl_->executor.plain, node, Block<S>{});
  return p.value[p.at(c, r)];
}

template <class S>
Real<S> Workspace<S>::fixed_output(const std::string& name) const {
  const Program& program = impl_->program();
  return fixed(program.outputs()[static_cast<std::size_t>(program.output(name))].node);
}

template <class S>
View<const Real<S>> Workspace<S>::value(int node) const {
  const Node& n = impl_->node_of(node);
  const bool batch = n.shape.is_batch();
  require(n.kind != NodeKind::index, "value", "an index holds integers", "read them where they were bound");
  if (batch && !impl_->has_kept) throw Error("value", "the last run kept no batch values", "run with RunOptions::keep");
  const Panel<S> p = impl_->executor.value(impl_->executor.plain, node, impl_->kept);
  return {p.value, p.column_stride, p.row_stride};
}

template <class S>
View<const Real<S>> Workspace<S>::adjoint(int node) const {
  impl_->node_of(node);
  require(impl_->has_adjoints, "adjoint", "the last run kept no adjoints", "run with RunOptions::keep and a sink");
  const Panel<S> p = impl_->executor.bar(impl_->executor.plain, node, impl_->kept);
  return {p.value, p.column_stride, p.row_stride};
}

template <class S>
const char* Workspace<S>::backend() const {
  return impl_->executor.backend.name;
}

template class Workspace<float>;
template class Workspace<double>;
template class Workspace<Dual<float>>;
template class Workspace<Dual<double>>;

}  // namespace pigrad
