#include "group_sum.hpp"
#include "workspace_impl.hpp"

namespace pigrad {

/// What the processes of a group found for their shards: sums to all by the fixed tree, outputs row by row.
template <class S>
void Workspace<S>::Impl::share(Group& group, const Bindings<T>& b, const Shards& dealt, bool gradients) {
  const auto planes = Executor<S>::planes;
  const std::size_t of_gradient = gradients ? static_cast<std::size_t>(executor.plain.wanted.size()) * planes : 0;
  const std::size_t of_rest = static_cast<std::size_t>(executor.plain.shard_size) * planes;
  exchanged.reserve(of_gradient + of_rest);
  const auto pack = [&](int s, T* out) {
    std::copy_n(gradient(s), of_gradient, out);
    std::copy_n(shard(s), of_rest, out + of_gradient);
  };
  const auto take = [&](int s, const T* in) {
    T *to_gradient = gradient(s), *to_rest = shard(s);
    for (std::size_t j = 0; j < of_gradient; ++j) to_gradient[j] += in[j];
    for (std::size_t j = 0; j < of_rest; ++j) to_rest[j] += in[of_gradient + j];
  };
  const auto unpack = [&](const T* in) {
    std::copy_n(in, of_gradient, gradient(0));
    std::copy_n(in + of_gradient, of_rest, shard(0));
  };
  if (of_gradient + of_rest > 0)
    add_up_ranks(group, dealt.count(), exchanged.data(), of_gradient + of_rest, pack, take, unpack);
  share_outputs(group, b, dealt);
}

template <class S>
void Workspace<S>::Impl::share_outputs(Group& group, const Bindings<T>& b, const Shards& dealt) {
  std::size_t columns = 0;
  const auto each = [&](const auto& body) {
    for (std::size_t i = 0; i < program().outputs().size(); ++i) {
      const Node& node = program().node(program().outputs()[i].node);
      if (!b.outputs_[i] || !node.shape.is_batch()) continue;
      for (int c = 0; c < node.shape.columns; ++c) body(b.outputs_[i], c);
    }
  };
  each([&](const View<T>&, int) { ++columns; });
  if (columns == 0) return;
  const auto first_row = [&](int rank) { return dealt.begin(Group::part(dealt.count(), rank, group.size()).begin); };
  pieces.clear();
  for (int rank = 0; rank < group.size(); ++rank)
    pieces.push_back(static_cast<std::size_t>(first_row(rank)) * columns * sizeof(T));
  pieces.push_back(static_cast<std::size_t>(b.rows_) * columns * sizeof(T));
  exchanged.reserve(static_cast<std::size_t>(b.rows_) * columns);
  const auto move = [&](int rank, bool out) {
    const int begin = first_row(rank), end = rank + 1 < group.size() ? first_row(rank + 1) : b.rows_;
    T* at = exchanged.data() + static_cast<std::size_t>(begin) * columns;
    each([&](const View<T>& to, int c) {
      for (int r = begin; r < end; ++r, ++at) {
        T& there = to.data[r * to.row_stride + c * to.column_stride];
        (out ? *at : there) = out ? there : *at;
      }
    });
  };
  move(group.rank(), true);
  group.gather(exchanged.data(), pieces);
  for (int rank = 0; rank < group.size(); ++rank)
    if (rank != group.rank()) move(rank, false);
}

#define PIGRAD_INSTANTIATE(S)                                                               \
  template void Workspace<S>::Impl::share(Group&, const Bindings<T>&, const Shards&, bool); \
  template void Workspace<S>::Impl::share_outputs(Group&, const Bindings<T>&, const Shards&)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
PIGRAD_INSTANTIATE(Dual<float>);
PIGRAD_INSTANTIATE(Dual<double>);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
