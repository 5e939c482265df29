#pragma once
#include <cstdint>

namespace pigrad {

/// How a batch is dealt: a power of two of shards, each a run of rows with a gradient of its own, cut where a vector
/// ends, so that they are as good as equal: threads wait for the longest. A function of the number of rows alone. More
/// shards serve more threads; each costs a gradient to clear and to add up, about what ten rows cost, so there are at
/// least 160 rows a shard; of two shards, 96: a minibatch of 256 rows is work for two threads.
class Shards {
 public:
  static constexpr int most = 64, least_rows = 160, least_of_two = 96, multiple = 16;

  /// @param bound of the number of shards
  explicit Shards(int rows, int bound = most) : rows_(rows) {
    while (count_ < bound && rows >= 2 * count_ * (count_ == 1 ? least_of_two : least_rows)) count_ *= 2;
  }
  int count() const { return count_; }
  /// The first row of shard s; begin(count()) is the number of rows.
  int begin(int s) const {
    if (s == count_) return rows_;
    const std::int64_t tile = multiple;
    return static_cast<int>((std::int64_t{2} * rows_ * s + tile * count_) / (2 * tile * count_) * tile);
  }

 private:
  int rows_, count_ = 1;
};

}  // namespace pigrad
