#pragma once
#include <cstddef>
#include <cstdint>

#include "../env/dynamics.hpp"

namespace pigrad {

/// States of copies in device memory: field f of copy c is data[f·ld + c].
template <class T>
struct DeviceStates {
  int copies = 0;
  T* data = nullptr;
  std::ptrdiff_t ld = 0;
};

/// Env::reset for each copy, with the draws of (random, copy, episodes[copy]): the start that it has on the CPU.
/// Built for the classic tasks in float and double; name an environment of your own in a .cu file as environments.cu
/// does. All pointers are to device memory.
template <class Env, class T>
void device_reset(const typename Env::template Params<T>& params, const Random& random, const std::uint64_t* episodes,
                  const DeviceStates<T>& states);

/// Env::step for each copy, by one thread each. Actions, `reward` and `terminated` (0 or 1) as in Dynamics::step:
/// box actions within their bounds, unless the environment clips its own.
template <class Env, class T>
void device_step(const typename Env::template Params<T>& params, const DeviceStates<T>& states,
                 const Actions<T>& actions, T* reward, std::uint8_t* terminated);

/// Writes feature f of copy c to obs[f·ld + c].
template <class Env, class T>
void device_observe(const typename Env::template Params<T>& params, const DeviceStates<T>& states, T* obs,
                    std::ptrdiff_t ld);

}  // namespace pigrad
