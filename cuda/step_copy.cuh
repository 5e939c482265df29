#pragma once
#include "../env/panel_dynamics.hpp"
#include "environment.hpp"
#include "launch.cuh"

namespace pigrad {
namespace detail {

/// Limits of box actions. What clips its own is not clipped here.
template <class T, int size>
struct ActionBounds {
  T low[size > 0 ? size : 1], high[size > 0 ? size : 1];
};

template <class Env>
constexpr bool own_limits = [] {
  if constexpr (requires { Env::clips_its_own_actions; })
    return Env::clips_its_own_actions;
  else
    return false;
}();

/// One copy's step: VectorEnv::step of same-step resets, counter by counter.
template <class Env, class T>
struct StepCopy {
  typename Env::template Params<T> params;
  Random random;
  int copies, first, limit;  ///< first: index 0's copy; limit: steps of an episode, 0 for none
  T* states;
  std::ptrdiff_t ld;
  DeviceCounters counters;
  Actions<T> actions;
  ActionBounds<T, Env::action_size> bounds;
  DeviceStepBuffers<T> out;

  PIGRAD_HD void operator()(long long i) const { move(first + static_cast<int>(i)); }
  PIGRAD_HD void move(int c) const {
    using State = typename Env::template State<T>;
    if (out.playing && out.playing[c] == 0) return;
    State state = load_state<State>(states, ld, c);
    const Outcome<T> outcome = act(state, c);
    const std::int32_t length = counters.length[c] + 1;
    const double total = counters.total[c] + static_cast<double>(outcome.reward);
    const bool truncated = !outcome.terminated && limit > 0 && length >= limit, ended = outcome.terminated || truncated;
    out.reward[c] = outcome.reward;
    out.terminated[c] = outcome.terminated ? 1 : 0;
    out.truncated[c] = truncated ? 1 : 0;
    std::int32_t slot = -1;
    if (ended) {
      out.episode_return[c] = total;
      out.episode_length[c] = length;
      if ((truncated || out.keeps_ends) && out.finals_used[c] < out.finals) {
        slot = out.finals_used[c]++ * copies + c;
        Env::template observe<T>(params, state, out.final_obs + slot, out.final_ld);
      }
      const std::uint64_t episode = ++counters.episode[c];
      state = Env::template reset<T>(params, Draws(random, static_cast<std::uint32_t>(c), episode));
    }
    out.final_slot[c] = slot;
    counters.length[c] = ended ? 0 : length;
    counters.total[c] = ended ? 0 : total;
    store_state(states, ld, c, state);
    Env::template observe<T>(params, state, out.obs + c, out.obs_ld);
  }

 private:
  PIGRAD_HD Outcome<T> act(typename Env::template State<T>& state, int c) const {
    if constexpr (Env::action_size == 0) {
      return Env::template step<T>(params, state, actions.index[c]);
    } else {
      T action[Env::action_size];
      for (int a = 0; a < Env::action_size; ++a) {
        const T x = actions.panel[a * actions.ld + c], above = x < bounds.low[a] ? bounds.low[a] : x;
        action[a] = own_limits<Env> ? x : bounds.high[a] < above ? bounds.high[a] : above;
      }
      return Env::template step<T>(params, state, static_cast<const T*>(action));
    }
  }
};

template <class Env, class T>
struct RestartCopy {
  typename Env::template Params<T> params;
  Random random;
  T* states;
  std::ptrdiff_t ld;
  DeviceCounters counters;

  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i);
    const std::uint64_t episode = ++counters.episode[c];
    counters.length[c] = 0;
    counters.total[c] = 0;
    store_state(states, ld, c, Env::template reset<T>(params, Draws(random, static_cast<std::uint32_t>(c), episode)));
  }
};

template <class Env, class T>
struct ObserveCopy {
  typename Env::template Params<T> params;
  const T* states;
  std::ptrdiff_t ld;
  T* obs;
  std::ptrdiff_t obs_ld;

  PIGRAD_HD void operator()(long long i) const {
    const int c = static_cast<int>(i);
    Env::template observe<T>(params, load_state<typename Env::template State<T>>(states, ld, c), obs + c, obs_ld);
  }
};

}  // namespace detail
}  // namespace pigrad
