#pragma once
#include <cstddef>

#include "group.hpp"

namespace pigrad {

/// Adds up `count` shards, a power of two, of which each rank holds its Group::part, in the tree that one process
/// walks: shard i takes in shard i + step, for steps 1, 2, 4, … A sum goes to the rank of what takes it in, and the
/// last to all ranks' shard 0. Sums whose shards are all of one rank are there already.
/// @param pack(i, T* out) copies shard i out; take(i, const T* in) adds one to shard i; unpack(in) sets shard 0
/// @param scratch [size] of a shard
template <class T, class Pack, class Take, class Unpack>
void add_up_ranks(Group& group, int count, T* scratch, std::size_t size, const Pack& pack, const Take& take,
                  const Unpack& unpack) {
  const int me = group.rank();
  const auto bytes = size * sizeof(T);
  for (int step = 1; step < count; step *= 2)
    for (int to = 0; to + step < count; to += 2 * step) {
      const int taker = group.owner(to, count), giver = group.owner(to + step, count);
      if ((taker != me && giver != me) || taker == group.owner(to + 2 * step - 1, count)) continue;
      if (giver == me) pack(to + step, scratch);
      if (giver != taker && giver == me) group.send(taker, scratch, bytes);
      if (giver != taker && taker == me) group.receive(giver, scratch, bytes);
      if (taker == me) take(to, static_cast<const T*>(scratch));
    }
  const int root = group.owner(0, count);
  if (root == me) pack(0, scratch);
  group.broadcast(root, scratch, bytes);
  if (root != me) unpack(static_cast<const T*>(scratch));
}

}  // namespace pigrad
