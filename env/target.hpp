#pragma once
#include "dynamics.hpp"
#include "spec.hpp"

namespace pigrad {

/// One shot at a point on the plane: the smallest task with continuous actions.
///
/// | | |
/// |---|---|
/// | Observation | box[2]: the target, within ±1 |
/// | Action | box[2] within ±2 (clipped): where to shoot |
/// | Reward | −\|action − target\|² |
/// | Start | the target uniform in the square |
/// | Termination | after the shot |
/// | Limit | none |
///
/// A Gaussian policy N(μ, σ²I) has J = −E\|μ − target\|² − 2σ² while clipping is rare; the best is 0. Source: ours.
struct Target {
  template <class T>
  struct State {
    T x, y;
  };
  template <class T>
  struct Params {};
  static constexpr int observation_size = 2;
  static constexpr int action_size = 2;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws& draws) {
    return {draws.between(0, T(-1), T(1)), draws.between(1, T(-1), T(1))};
  }
  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>&, State<T>& s, const T* action) {
    const T dx = action[0] - s.x, dy = action[1] - s.y;
    return {-(dx * dx + dy * dy), true};
  }
  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    obs[0] = s.x;
    obs[stride] = s.y;
  }

  static Spec spec() {
    Spec spec;
    spec.id = "Target-v0";
    spec.observation = Space::box(2, -1, 1);
    spec.action = Space::box(2, -2, 2);
    spec.reward_threshold = -0.01;
    spec.best_return = 0;
    spec.description = "one shot at a point on the plane: minus the squared distance";
    return spec;
  }
};

}  // namespace pigrad
