#pragma once
#include <algorithm>
#include <vector>

#include "executor.hpp"
#include "shards.hpp"

namespace pigrad {

/// What Workspace::run is made of: the executor, one worker a thread, one shard of partial results for each piece of
/// the fixed reduction tree.
template <class S>
struct Workspace<S>::Impl {
  using Kind = typename Sink<T>::Kind;

  Impl(const Program& program, const std::string& name) : executor(program, find_backend<T>(name)) {
    for (const Kind kind : {Kind::norm, Kind::dot, Kind::rows}) samples.push_back(executor.sample_plan(kind));
  }

  Executor<S> executor;
  std::vector<SamplePlan> samples;
  std::vector<Worker<S>> workers;
  Worker<S> alone;  ///< of run_one_by_one
  Aligned<T> shards;
  Aligned<T> exchanged;  ///< a shard, or a rank's outputs, on its way between processes
  std::vector<std::size_t> pieces;
  T* sum = nullptr;  ///< the first shard's gradient, where it is the caller's vector
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
  /// A shard is its gradient and then what plan.shard_size counts.
  std::size_t gradient_size() const { return padded(executor.plain.wanted.size()); }
  std::size_t shard_stride() const { return gradient_size() + padded(executor.plain.shard_size); }
  static std::size_t padded(std::ptrdiff_t size) {
    return (static_cast<std::size_t>(size) * Executor<S>::planes + 15) / 16 * 16;
  }
  T* gradient(int i) { return i == 0 && sum ? sum : shards.data() + static_cast<std::size_t>(i) * shard_stride(); }
  T* shard(int i) { return shards.data() + static_cast<std::size_t>(i) * shard_stride() + gradient_size(); }
  void clear_shard(int i) {
    std::fill_n(gradient(i), static_cast<std::size_t>(executor.plain.wanted.size()) * Executor<S>::planes, T(0));
    std::fill_n(shard(i), padded(executor.plain.shard_size), T(0));
  }
  /// What shard `from` holds goes to shard `to`.
  void take_in(int to, int from) {
    T *a = gradient(to), *rest = shard(to);
    const T *b = gradient(from), *more = shard(from);
    const std::size_t size = static_cast<std::size_t>(executor.plain.wanted.size()) * Executor<S>::planes;
    for (std::size_t j = 0; j < size; ++j) a[j] += b[j];
    for (std::size_t j = 0, end = padded(executor.plain.shard_size); j < end; ++j) rest[j] += more[j];
  }
  /// What shard s, the last made, completes of the fixed tree (add_shards) among this worker's own, still in its cache.
  void carry(int s, int first) {
    for (int step = 1; (s + 1) % (2 * step) == 0 && s + 1 - 2 * step >= first; step *= 2)
      take_in(s + 1 - 2 * step, s + 1 - step);
  }
  /// Whether one worker made shards [begin, end), and so has added them up.
  bool carried(int begin, int end) const {
    return std::none_of(workers.begin(), workers.end(),
                        [=](const Worker<S>& w) { return w.first_shard > begin && w.first_shard < end; });
  }
  /// out [P]: `from`, the wanted parameters' part, may be there already; zeros around it.
  void copy_gradient(const T* from, T* out) const {
    const ParameterRange wanted = executor.plain.wanted;
    std::fill(out, out + wanted.begin, T(0));
    if (from != out + wanted.begin) std::copy_n(from, wanted.size(), out + wanted.begin);
    std::fill(out + wanted.end, out + program().parameters().size(), T(0));
  }

  void bind(const Bindings<T>& b);
  void find_places(const Bindings<T>& b, bool may);
  void reserve(int threads, int ld, int shard_count, const SamplePlan* sample_plan);
  void reserve(Worker<S>& worker, int ld, const SamplePlan* sample_plan) const;
  void load(const Bindings<T>& b, const Block<S>& block) const;
  void store(const Bindings<T>& b, const Plan& plan, const Block<S>& block) const;
  void seed_epilogue(const Plan& plan, const Block<S>& first, bool check);
  void finish_reductions(const Plan& plan, const Block<S>& first, bool check);
  void add_shards(int threads, int count, const Part& mine);
  void share(Group& group, const Bindings<T>& b, const Shards& dealt, bool gradients);
  void share_outputs(Group& group, const Bindings<T>& b, const Shards& dealt);
  void sink_samples(const Block<S>& block) const;
  void run_one_by_one(const Bindings<T>& b, const Plan& plan, int spare);
};

}  // namespace pigrad
