#pragma once
#include "dynamics.hpp"
#include "spec.hpp"

namespace pigrad {

/// Reward 1 for ever: the known answer that shows a truncation treated as an end.
///
/// | | |
/// |---|---|
/// | Observation | box[1]: always 1 |
/// | Action | discrete(2), without effect |
/// | Reward | 1 |
/// | Start | the only state |
/// | Termination | never |
/// | Limit | 10 steps |
///
/// Under every policy V = 1/(1−γ), whatever the limit, only if the value after a truncation is counted. Source: ours.
struct ConstantReward {
  template <class T>
  struct State {};
  template <class T>
  struct Params {
    T reward = T(1);
  };
  static constexpr int observation_size = 1;
  static constexpr int action_size = 0;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws&) {
    return {};
  }
  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>& p, State<T>&, std::int32_t) {
    return {p.reward, false};
  }
  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>&, T* obs, std::ptrdiff_t) {
    obs[0] = T(1);
  }

  static Spec spec() {
    Spec spec;
    spec.id = "ConstantReward-v0";
    spec.observation = Space::box(1, 1, 1);
    spec.action = Space::discrete(2);
    spec.max_steps = 10;
    spec.best_return = 10;
    spec.fixed_start = true;
    spec.description = "reward 1 for ever, cut by the limit: V = 1/(1-gamma)";
    return spec;
  }
};

}  // namespace pigrad
