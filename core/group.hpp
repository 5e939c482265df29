#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "error.hpp"

namespace pigrad {

/// Another process of a Group is gone, or does not answer: what was on its way cannot be finished.
class RankLost : public Error {
 public:
  using Error::Error;
};

/// Indices [begin, end).
struct Part {
  int begin = 0, end = 0;
  int size() const { return end - begin; }
};

/// Processes that train one agent together, ranks 0 … size() − 1. All of them make the same calls in the same order,
/// from one thread each, and wait there for one another. Every call throws RankLost.
class Group {
 public:
  virtual ~Group() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// `data` holds this rank's piece, bytes [begins[rank], begins[rank + 1]); the others' come to theirs.
  /// @param begins [size + 1], the same on all ranks
  virtual void gather(void* data, const std::vector<std::size_t>& begins) = 0;
  /// The root's bytes come to all.
  virtual void broadcast(int root, void* data, std::size_t bytes) = 0;
  /// One rank's bytes come to another, which calls receive for each send, in order, with the same number of bytes.
  virtual void send(int to, const void* data, std::size_t bytes) = 0;
  virtual void receive(int from, void* data, std::size_t bytes) = 0;

  /// For who waits for the others otherwise than by these calls, and has done so for so many seconds: throws RankLost
  /// where a rank is known to have ended, or that is longer than it is to be waited.
  virtual void look_after(double seconds) { static_cast<void>(seconds); }

  /// Of `count` indices those of a rank: contiguous runs in the order of ranks, which differ by one at most.
  static Part part(int count, int rank, int size) {
    const auto bound = [&](int r) { return static_cast<int>(std::int64_t{count} * r / size); };
    return {bound(rank), bound(rank + 1)};
  }
  Part part(int count) const { return part(count, rank(), size()); }
  /// The rank that has index i of `count`.
  int owner(int i, int count) const { return static_cast<int>(((std::int64_t{i} + 1) * size() - 1) / count); }
};

}  // namespace pigrad
