#pragma once
#include <cstdint>
#include <vector>

#include "../core/aligned.hpp"
#include "../core/workspace.hpp"

namespace pigrad {

/// Values that runs of one program leave for runs of another over the same rows of a rollout, so that these need not
/// compute them again: what acting and valuing found in the networks serves a loss's first pass, which sees the same
/// observations and the same parameters. Not one bit depends on it.
template <class T>
class Handover {
 public:
  /// Of all that both programs compute alike (common_nodes).
  /// @param range of the parameters that the giver reads: once they move, nothing is there to take
  /// @param parameters outlive this
  Handover(const Parameters<T>& parameters, ParameterRange range, const Program& giver, const Program& taker);

  /// Before the giver's runs: makes room for the values of so many rows. Nothing is handed over of rollouts
  /// whose values outgrow the cache: reading them back would take as long as computing them.
  void begin(int rows);
  /// The giver's next run is of rows row, row + 1, …
  void give(Bindings<T>& giver, int row);
  /// Its runs after this one give nothing.
  void release(Bindings<T>& giver) const;
  /// The giver has run for every row.
  void given() { version_ = rows_ > 0 ? parameters_->version(range_) : 0; }
  /// The rollout is done with: nothing is there to take.
  void spent() { version_ = 0; }
  /// The taker's next run is of rows row, row + 1, …
  void take(Bindings<T>& taker, int row) const;

 private:
  struct Value {
    int giver;
    std::vector<int> takers;
    std::size_t begin;  ///< columns before it
  };
  const Parameters<T>* parameters_;
  ParameterRange range_;
  std::vector<Value> values_;
  std::size_t columns_ = 0, ld_ = 0;
  AlignedVector<T> panel_;
  int rows_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace pigrad
