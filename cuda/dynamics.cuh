#pragma once
#include "../env/state_panel.hpp"
#include "dynamics.hpp"
#include "launch.cuh"

namespace pigrad {
namespace detail {

template <class Env, class T>
struct ResetCopy {
  typename Env::template Params<T> params;
  Random random;
  const std::uint64_t* episodes;
  DeviceStates<T> states;

  __device__ void operator()(long long i) const {
    const int copy = static_cast<int>(i);
    const Draws draws(random, static_cast<std::uint32_t>(copy), episodes[copy]);
    store_state(states.data, states.ld, copy, Env::template reset<T>(params, draws));
  }
};

template <class Env, class T>
struct StepCopy {
  typename Env::template Params<T> params;
  DeviceStates<T> states;
  Actions<T> actions;
  T* reward;
  std::uint8_t* terminated;

  __device__ void operator()(long long i) const {
    const int copy = static_cast<int>(i);
    auto state = load_state<typename Env::template State<T>>(states.data, states.ld, copy);
    Outcome<T> outcome;
    if constexpr (Env::action_size == 0) {
      outcome = Env::template step<T>(params, state, actions.index[copy]);
    } else {
      T action[Env::action_size];
      for (int a = 0; a < Env::action_size; ++a) action[a] = actions.panel[a * actions.ld + copy];
      outcome = Env::template step<T>(params, state, static_cast<const T*>(action));
    }
    store_state(states.data, states.ld, copy, state);
    reward[copy] = outcome.reward;
    terminated[copy] = outcome.terminated ? 1 : 0;
  }
};

template <class Env, class T>
struct ObserveCopy {
  typename Env::template Params<T> params;
  DeviceStates<T> states;
  T* obs;
  std::ptrdiff_t ld;

  __device__ void operator()(long long i) const {
    const int copy = static_cast<int>(i);
    Env::template observe<T>(params, load_state<typename Env::template State<T>>(states.data, states.ld, copy),
                             obs + copy, ld);
  }
};

}  // namespace detail

template <class Env, class T>
void device_reset(const typename Env::template Params<T>& params, const Random& random, const std::uint64_t* episodes,
                  const DeviceStates<T>& states) {
  for_each_index("device_reset", states.copies, detail::ResetCopy<Env, T>{params, random, episodes, states});
}

template <class Env, class T>
void device_step(const typename Env::template Params<T>& params, const DeviceStates<T>& states,
                 const Actions<T>& actions, T* reward, std::uint8_t* terminated) {
  for_each_index("device_step", states.copies, detail::StepCopy<Env, T>{params, states, actions, reward, terminated});
}

template <class Env, class T>
void device_observe(const typename Env::template Params<T>& params, const DeviceStates<T>& states, T* obs,
                    std::ptrdiff_t ld) {
  for_each_index("device_observe", states.copies, detail::ObserveCopy<Env, T>{params, states, obs, ld});
}

}  // namespace pigrad
