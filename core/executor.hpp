#pragma once
#include <cstring>

#include "aligned.hpp"
#include "packed_weights.hpp"
#include "plan.hpp"
#include "workspace.hpp"

namespace pigrad {

/// Where a shard lies: its gradient, and the rest.
template <class T>
struct ShardPlace {
  T *gradient = nullptr, *rest = nullptr;
  std::size_t gradient_size = 0, rest_size = 0;
  bool operator==(const ShardPlace&) const = default;
};

/// The kernel calls of a sequence, put together once and made again only where a pointer or size in them has changed;
/// from shard to shard they move.
template <class S>
struct CallCache {
  using T = Real<S>;
  struct Key {
    const void *arena, *index, *parameters, *tangents;
    int ld, total_rows;
    bool packed, placed;
    bool operator==(const Key&) const = default;
  };
  const Plan::Sequence* sequence;
  Key key;
  ShardPlace<T> shard;
  std::vector<Call<S>> forward, backward;
  std::vector<Call<S>> of_samples;  ///< backward with per-sample gradients, whose targets move: made for each block
};

/// What one thread needs to carry a block forward and backward.
template <class S>
struct Worker {
  using T = Real<S>;
  Aligned<T> arena;             ///< values and adjoints of the block's panels, tangents in a second plane
  Aligned<T> lifted;            ///< every sample's own adjoints of fixed tensors
  Aligned<std::int32_t> index;  ///< integers of the block, one run a node
  std::vector<CallCache<S>> calls;
  int first_shard = -1;  ///< of this run; its shards are a run from there
};

/// How per-sample gradients reach the sink: for each fixed node an offset (in panel columns) into Worker::lifted, or
/// none where the contracting op writes norms or products directly.
struct SamplePlan {
  std::vector<std::ptrdiff_t> lifted;
  std::ptrdiff_t columns = 0;
  bool one_by_one = false;  ///< the program does something rare to its parameters: run every row by itself
};

/// A block of rows on its way through a program.
template <class S>
struct Block {
  using T = Real<S>;
  Worker<S>* worker;
  T* gradient;  ///< of this block's shard: the wanted parameters' adjoints
  T* shard;     ///< its prologue adjoints and partial sums
  int begin, count, ld;
  const SamplePlan* samples = nullptr;
};

/// Builds kernel calls: finds each node's panels by the plan. Shared, read-only while blocks run.
template <class S>
class Executor {
 public:
  using T = Real<S>;

  Executor(const Program& program, const Backend<T>& backend);

  const Program& program;
  const Backend<T>& backend;
  Plan fused, lean, plain;  ///< lean: fused, without what only outputs need

  Aligned<T> fixed, reduced;  ///< fixed tensors' values, adjoints of reduced ones; two planes in duals
  Aligned<T> zeros;           ///< tangents of parameters that have none
  const T* parameters = nullptr;
  const T* tangents = nullptr;
  int total_rows = 0;
  Sink<T> sink;
  PackedWeights<T> weights;
  bool packed = false;  ///< this run goes through packed weights

  /// Where a batch node's values are in this run.
  struct Place {
    View<T> view;        ///< the batch's panel in somebody else's memory; null: the block's arena
    bool known = false;  ///< they are there before the block runs
  };
  std::vector<Place> places;  ///< of each node; empty where all are in the arena and computed
  bool placed(int node) const { return !places.empty() && places[static_cast<std::size_t>(node)].view; }

  void forward(const Plan& plan, const Plan::Sequence& sequence, const Block<S>& block, bool check) const;
  void backward(const Plan& plan, const Plan::Sequence& sequence, const Block<S>& block, bool check) const;
  Panel<S> value(const Plan& plan, int id, const Block<S>& block) const;
  Panel<S> bar(const Plan& plan, int id, const Block<S>& block) const;
  Panel<S> partial(const Plan& plan, int id, const Block<S>& block) const;
  double scale(const Node& node) const;
  /// Throws Error, naming node, row and operands, if a value or adjoint of the node is not finite.
  void check_finite(const Plan& plan, int id, const Block<S>& block, bool adjoint) const;
  SamplePlan sample_plan(typename Sink<T>::Kind kind) const;

  static constexpr std::size_t planes = is_dual<S> ? 2 : 1;

 private:
  CallCache<S>& calls(const Plan& plan, const Plan::Sequence& sequence, const Block<S>& block) const;
  Call<S> call(const Plan& plan, const Plan::Step& step, const Block<S>& block, bool vjp) const;
  void aim_samples(const Plan& plan, Call<S>& call, const Node& operation, int i, const Block<S>& block) const;
  Panel<S> lifted(std::ptrdiff_t column, const Block<S>& block) const;
  KernelPair<S> kernels(const Plan::Step& step) const;
  void pair_up(const std::vector<Plan::Step>& steps, std::vector<Call<S>>& calls, bool backward) const;
  void run(const Plan::Step& step, const Call<S>& call, bool backward) const;
  void point_at_places(const Plan::Step& step, const Block<S>& block, Call<S>& call) const;

  std::vector<KernelPair<S>> kernels_, fused_kernels_;
  std::vector<InputVjpThrough<T>> through_;  ///< of a node that a fused kernel makes
  std::vector<KernelPair<T>> pairs_;         ///< of the same, and the affine after it
};

}  // namespace pigrad
