#pragma once
#include "../core/op.hpp"
#include "environment.hpp"
#include "policy.hpp"

namespace pigrad {

namespace detail {

constexpr int persistent_copies = 64;  ///< of a block

/// Shared memory of a block: two panels of activations, and the weights where they fit into what a device gives.
template <class T>
struct PersistentShared {
  std::size_t panel, weights;  ///< scalars
  bool fits, resident;

  PersistentShared(const DevicePolicy& policy, std::size_t most_bytes)
      : panel(static_cast<std::size_t>(policy.width) * persistent_copies),
        weights(static_cast<std::size_t>(policy.weights)),
        fits(2 * panel * sizeof(T) <= most_bytes),
        resident((2 * panel + weights) * sizeof(T) <= most_bytes) {}
  std::size_t bytes() const { return (2 * panel + (resident ? weights : 0)) * sizeof(T); }
};

}  // namespace detail

/// T steps of all copies without the host: what a rollout's kernel reads and writes. Pointers are to the rollout's
/// first row, as DeviceCollector::collect's to each row's.
template <class T>
struct PersistentCall {
  DevicePolicy policy;
  const T* parameters = nullptr;
  View<T> log_std;  ///< of box actions, column by column; the same for all rows
  Random random{0, Purpose::action};
  const std::uint64_t* begun = nullptr;  ///< draws before the rollout
  int steps = 0, copies = 0, features = 0;
  T* obs = nullptr;   ///< [features × rows], the first row's are there
  T* next = nullptr;  ///< [features × copies] observations after the last step
  std::int32_t* index = nullptr;
  T *action = nullptr, *log_prob = nullptr;
  DeviceStepBuffers<T> out;
};

}  // namespace pigrad
