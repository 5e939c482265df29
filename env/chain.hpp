#pragma once
#include "dynamics.hpp"
#include "spec.hpp"

namespace pigrad {

/// Two states in a row; go on twice to be paid.
///
/// | | |
/// |---|---|
/// | Observation | box[2]: one-hot of the state |
/// | Action | discrete(2): 0 goes back to state 0, 1 goes on |
/// | Reward | 1 for going on from state 1, else 0 |
/// | Start | state 0 |
/// | Termination | on going on from state 1 (the last observation is still state 1) |
/// | Limit | 50 steps |
///
/// A policy that goes on with probability p in both states has, without the limit,
/// V₁ = p + (1−p)γV₀ and V₀ = pγV₁ + (1−p)γV₀; the best has V₁ = 1, V₀ = γ. Source: ours.
struct Chain {
  template <class T>
  struct State {
    T place;
  };
  template <class T>
  struct Params {};
  static constexpr int observation_size = 2;
  static constexpr int action_size = 0;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws&) {
    return {T(0)};
  }
  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>&, State<T>& s, std::int32_t action) {
    const bool on = action == 1;
    const bool end = on & (s.place == T(1));
    s.place = on ? T(1) : T(0);
    return {end ? T(1) : T(0), end};
  }
  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    obs[0] = T(1) - s.place;
    obs[stride] = s.place;
  }

  static Spec spec() {
    Spec spec;
    spec.id = "Chain-v0";
    spec.observation = Space::box(2, 0, 1);
    spec.action = Space::discrete(2);
    spec.max_steps = 50;
    spec.reward_threshold = 1;
    spec.best_return = 1;
    spec.fixed_start = true;
    spec.description = "two states in a row: going on twice pays 1 and ends";
    return spec;
  }
};

}  // namespace pigrad
