#pragma once
#include <limits>
#include <string>

#include "dynamics.hpp"
#include "spec.hpp"
#include "trig.hpp"

namespace pigrad {

/// A pole that hangs from a cart on a track: swing it up by pushing the cart, and hold it there.
///
/// | | |
/// |---|---|
/// | Observation | box[5]: cart position (m) and velocity (m/s), cos θ, sin θ, θ̇ (rad/s); θ is 0 upright, π hanging |
/// | Action | box[1] within ±1 (clipped): 10 N times it pushes the cart |
/// | Reward | of the angle that the step leads to: v0 cos θ, v1 (1 + cos θ)/2 |
/// | Start | position, velocity, θ, θ̇ normal about (0, 0, π, 0), each with standard deviation 0.2 |
/// | Termination | \|position\| > 2.4 |
/// | Limit | 500 steps |
///
/// Source: the swing-up of Deisenroth and Rasmussen, "PILCO", ICML 2011, as a Gym task of its own: friction on the cart
/// only, explicit Euler steps of 0.01 s whose positions take the old velocities.
struct CartPoleSwingUp {
  template <class T>
  struct State {
    T x, x_dot, theta, theta_dot;
  };
  template <class T>
  struct Params {
    T gravity = T(9.82);       // m/s²
    T cart_mass = T(0.5);      // kg
    T pole_mass = T(0.5);      // kg
    T length = T(0.6);         // m, of the whole pole
    T force = T(10.0);         // N, at action 1
    T friction = T(0.1);       // N s/m, of the cart
    T time_step = T(0.01);     // s
    T x_limit = T(2.4);        // m
    T reward_at_side = T(0);   // with the pole level
    T reward_of_cos = T(1.0);  // more when it is upright, less when it hangs
  };
  static constexpr int observation_size = 5;
  static constexpr int action_size = 1;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws& draws) {
    const T spread = T(0.2);
    return {spread * draws.normal<T>(0), spread * draws.normal<T>(1),
            T(3.141592653589793) + spread * draws.normal<T>(2), spread * draws.normal<T>(3)};
  }

  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>& p, State<T>& s, const T* action) {
    const T mass = p.cart_mass + p.pole_mass;
    const T pole_moment = p.pole_mass * p.length;
    const T push = p.force * action[0];
    const auto [sin, cos] = sin_cos(s.theta);
    const T spin = s.theta_dot * s.theta_dot;
    const T x_acc = (-2 * pole_moment * spin * sin + 3 * p.pole_mass * p.gravity * sin * cos + 4 * push -
                     4 * p.friction * s.x_dot) /
                    (4 * mass - 3 * p.pole_mass * (cos * cos));
    const T theta_acc =
        (-3 * pole_moment * spin * sin * cos + 6 * mass * p.gravity * sin + 6 * (push - p.friction * s.x_dot) * cos) /
        (4 * p.length * mass - 3 * pole_moment * (cos * cos));
    s.x = s.x + s.x_dot * p.time_step;
    s.theta = s.theta + s.theta_dot * p.time_step;
    s.x_dot = s.x_dot + x_acc * p.time_step;
    s.theta_dot = s.theta_dot + theta_acc * p.time_step;
    const bool terminated = (s.x < -p.x_limit) | (s.x > p.x_limit);
    return {p.reward_at_side + p.reward_of_cos * sin_cos(s.theta).cos, terminated};
  }

  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    const auto [sin, cos] = sin_cos(s.theta);
    obs[0] = s.x;
    obs[stride] = s.x_dot;
    obs[2 * stride] = cos;
    obs[3 * stride] = sin;
    obs[4 * stride] = s.theta_dot;
  }

  /// `version` 0 or 1.
  static Params<double> params(int version) {
    Params<double> p;
    if (version == 1) p.reward_at_side = p.reward_of_cos = 0.5;
    return p;
  }

  /// `version` 0 or 1.
  static Spec spec(int version) {
    const double inf = std::numeric_limits<double>::infinity();
    Spec spec;
    spec.id = "CartPoleSwingUp-v" + std::to_string(version);
    spec.observation = Space::box({-inf, -inf, -1, -1, -inf}, {inf, inf, 1, 1, inf});
    spec.action = Space::box(1, -1, 1);
    spec.max_steps = 500;
    spec.description = std::string("swing a pole up on a cart: ") + (version == 0 ? "cos θ" : "(1 + cos θ)/2") +
                       " a step until it leaves the track";
    return spec;
  }
};

}  // namespace pigrad
