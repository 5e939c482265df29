#pragma once
#include "arithmetic.hpp"
#include "dynamics.hpp"
#include "spec.hpp"
#include "trig.hpp"

namespace pigrad {

/// A rod on a hinge whose motor is too weak to lift it straight: swing it up, and hold it there.
///
/// | | |
/// |---|---|
/// | Observation | box[3]: cos θ, sin θ, θ̇ within ±8 rad/s; θ is 0 upright |
/// | Action | box[1] within ±2 (clipped): torque (N m) |
/// | Reward | −(θ² + 0.1 θ̇² + 0.001 torque²) of the state that the step leaves, θ wrapped to ±π |
/// | Start | θ uniform in [−π, π), θ̇ in [−1, 1) |
/// | Termination | never |
/// | Limit | 200 steps |
///
/// Source: Pendulum-v1 of Gymnasium 1.4 in its order of evaluation. Its action space holds floats, and NumPy 2 keeps a
/// float's products in float; so here, with T = double, an action that float holds is multiplied in float, any other in
/// double, as Gymnasium does with an array of either type.
struct Pendulum {
  template <class T>
  struct State {
    T theta, theta_dot;
  };
  template <class T>
  struct Params {
    T gravity = T(10.0);    // m/s²
    T mass = T(1.0);        // kg
    T length = T(1.0);      // m
    T time_step = T(0.05);  // s
    T max_speed = T(8.0);   // rad/s
    T max_torque = T(2.0);  // N m
  };
  static constexpr int observation_size = 3;
  static constexpr int action_size = 1;
  static constexpr bool clips_its_own_actions = true;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws& draws) {
    const T pi = T(3.141592653589793);
    return {draws.between(0, -pi, pi), draws.between(1, T(-1), T(1))};
  }

  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>& p, State<T>& s, const T* action) {
    const bool narrow = fits_float(action[0]);
    const T torque = clamped(action[0], -p.max_torque, p.max_torque);
    const T angle = wrap_angle(s.theta);
    const T effort = rounded(narrow, rounded(narrow, T(0.001)) * rounded(narrow, torque * torque));
    const T cost = angle * angle + T(0.1) * (s.theta_dot * s.theta_dot) + effort;

    const T turn = rounded(narrow, rounded(narrow, T(3) / (p.mass * (p.length * p.length))) * torque);
    const T theta_acc = 3 * p.gravity / (2 * p.length) * sin_cos(s.theta).sin + turn;
    s.theta_dot = clamped(s.theta_dot + theta_acc * p.time_step, -p.max_speed, p.max_speed);
    s.theta = s.theta + s.theta_dot * p.time_step;
    return {-cost, false};
  }

  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    const auto [sin, cos] = sin_cos(s.theta);
    obs[0] = cos;
    obs[stride] = sin;
    obs[2 * stride] = s.theta_dot;
  }

  static Spec spec() {
    Spec spec;
    spec.id = "Pendulum-v1";
    spec.observation = Space::box({-1, -1, -8}, {1, 1, 8});
    spec.action = Space::box(1, -2, 2);
    spec.max_steps = 200;
    spec.description = "swing a rod up with a weak motor: minus angle², speed² and torque², weighted";
    return spec;
  }
};

}  // namespace pigrad
