#pragma once
#include <cstdint>

#include "../core/random.hpp"

namespace pigrad {

/// What an optimiser's steps of a round depend on.
struct StepNumbers {
  double learning_rate = 0;
  std::int64_t steps = 0;  ///< made before the round
};

/// What a round (a rollout and what is learnt from it) reads that the host says anew each time. It lies in device
/// memory: everything else of a round is recorded once (DeviceGraph), its kernels' arguments with it.
struct RoundNumbers {
  StepNumbers optimisers[2];  ///< in the order of descents and of their movers
  double clip = 0, value_clip = 0;
  std::uint32_t first_pass = 0;  ///< of those whose order is drawn, counted over the run
};

/// Writes them to device memory without waiting: they are a kernel's arguments.
void put(const RoundNumbers& numbers, RoundNumbers* device);

/// *to = *from, in device memory.
template <class T>
void set_number(const double* from, T* to);

/// order[i] = p(i) for i in [0, rows), p the Permutation of stream *first_pass + pass: the processor's order of all
/// rows.
void shuffle_on_device(int rows, const Random& random, const std::uint32_t* first_pass, int pass, std::int32_t* order);

}  // namespace pigrad
