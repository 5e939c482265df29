#pragma once
#include <memory>

#include "update_view.hpp"

#define PIGRAD_BENCH_EXPORT __attribute__((visibility("default")))

namespace pigrad::bench {

/// L's terms of one block of rows and their adjoints, by hand, on Eigen's arrays. Panels are [columns × ld].
/// @param total rows of the whole minibatch
/// @return the rows' part of the loss
template <class T>
PIGRAD_BENCH_EXPORT T actor_head(int rows, int total, const T* logits, T* logits_bar, int ld,
                                 const std::int32_t* action, const T* advantage);
template <class T>
PIGRAD_BENCH_EXPORT T critic_head(int rows, int total, const T* value, T* value_bar, const T* target);

/// The update as a careful hand writes it on Eigen, without a tape: chunks of 128 samples that stay in cache, every
/// array allocated once, compiled for this processor. Parameters and gradients are laid out as UpdateModel::layout.
template <class T>
class PIGRAD_BENCH_EXPORT EigenUpdateByHand {
 public:
  EigenUpdateByHand();
  ~EigenUpdateByHand();
  EigenUpdateByHand(EigenUpdateByHand&&) = delete;

  /// Forgets Adam's state and takes over these parameters.
  void reset(const T* parameters);
  const T* parameters() const;
  /// Of the loss at the present parameters; valid until the next call.
  const T* gradient(const UpdateView<T>& data);
  void step(const UpdateView<T>& data);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigrad::bench
