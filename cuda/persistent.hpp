#pragma once
#include "../core/op.hpp"
#include "environment.hpp"
#include "policy.hpp"

namespace pigrad {

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
