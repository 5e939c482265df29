#include "workspace.hpp"

#include <algorithm>
#include <cmath>

#include "parallel.hpp"
#include "shards.hpp"
#include "workspace_impl.hpp"

namespace pigrad {
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
  const Plan& plan = options.keep || options.check                                     ? m.executor.plain
                     : options.outputs || program.loss() < 0 || !b.values_out_.empty() ? m.executor.fused
                                                                                       : m.executor.lean;
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
  const int block_size = whole ? b.rows_ : std::min(b.rows_, block_rows);
  const Shards dealt(b.rows_, whole ? 1 : Shards::most);
  const int shards = dealt.count();
  const int ld = (block_size + Plan::row_multiple - 1) / Plan::row_multiple * Plan::row_multiple;
  const bool shared = options.group && options.group->size() > 1 && shards > 1 && !per_sample && !options.check;
  Group* const group = shared ? options.group : nullptr;
  const Part mine = shared ? group->part(shards) : Part{0, shards};
  const int threads = std::clamp(options.threads, 1, std::max(1, mine.size()));
  const bool one_by_one = per_sample && samples->one_by_one;
  m.reserve(threads, ld, shards + one_by_one, samples);
  m.executor.sink = sink;
  m.find_places(b, &plan != &m.executor.plain);
  for (const auto& value : b.values_out_)
    if (!holds(value.node))
      throw Error("node " + std::to_string(value.node), "a fused kernel makes it on the way to another",
                  "take nodes that Workspace::holds");
  m.executor.packed = !is_dual<S> && m.executor.weights.ready(b.rows_, b.parameters_, b.version_);
  m.has_kept = options.keep;
  m.has_adjoints = options.keep && backward;

  m.sum = sink.kind == Kind::sum && !is_dual<S> ? sink.out + plan.wanted.begin : nullptr;
  m.clear_shard(0);
  Block<S> first{&m.workers[0], m.gradient(0), m.shard(0), 0, b.rows_, ld};
  m.executor.forward(plan, plan.prologue, first, options.check);
  if (backward) m.seed_epilogue(plan, first, options.check);
  if (per_sample)
    std::fill_n(sink.out, std::ptrdiff_t{b.rows_} * (sink.kind == Kind::rows ? program.parameters().size() : 1), T(0));
  if (one_by_one) m.run_one_by_one(b, plan, shards);
  const SamplePlan* in_blocks = one_by_one ? nullptr : samples;
  for (Worker<S>& worker : m.workers) worker.first_shard = -1;
  parallel_for(threads, mine.size(), [&](int i, int number) {
    const int s = mine.begin + i;
    Worker<S>& worker = m.workers[static_cast<std::size_t>(number)];
    if (worker.first_shard < 0) worker.first_shard = s;
    if (s > 0) m.clear_shard(s);
    const int end = dealt.begin(s + 1);
    for (int begin = dealt.begin(s); begin < end; begin += block_size) {
      Block<S> block{&worker, m.gradient(s), m.shard(s), begin, std::min(block_size, end - begin), ld, in_blocks};
      m.load(b, block);
      m.executor.forward(plan, plan.rows, block, options.check);
      if (&plan != &m.executor.lean) m.store(b, plan, block);
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
    m.carry(s, worker.first_shard);
  });
  m.add_shards(threads, shards, mine);
  if (group) m.share(*group, b, dealt, sink.kind == Kind::sum);
  if (!program.row_mixing()) m.finish_reductions(plan, first, options.check);
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
    m.copy_gradient(m.gradient(0), sink.out);
    if (is_dual<S> && sink.tangent) m.copy_gradient(m.gradient(0) + plan.wanted.size(), sink.tangent);
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
bool Workspace<S>::holds(int node) const {
  const auto& steps = impl_->executor.fused.rows.forward;
  return std::any_of(steps.begin(), steps.end(), [node](const Plan::Step& step) { return step.node == node; });
}

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
