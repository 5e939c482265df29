#pragma once
#include <limits>
#include <string>

#include "dynamics.hpp"
#include "spec.hpp"
#include "trig.hpp"

namespace pigrad {

/// A pole hinged on a cart that is pushed left or right along a track; keep it upright.
///
/// | | |
/// |---|---|
/// | Observation | box[4]: position (m, ±4.8), velocity (m/s), pole's angle (rad, ±0.418), its rate (rad/s) |
/// | Action | discrete(2): 0 pushes left, 1 right, with 10 N |
/// | Reward | 1 a step, the last one too |
/// | Start | each of the four uniform in [−0.05, 0.05) |
/// | Termination | \|position\| > 2.4 or \|angle\| > 12° |
/// | Limit | v0: 200 steps (threshold 195); v1: 500 (475) |
///
/// Source: Barto, Sutton, Anderson, "Neuronlike adaptive elements that can solve difficult learning control problems",
/// IEEE Trans. SMC 13 (1983); equations of Florian (2007), in the order in which Gymnasium 1.4 evaluates them, with its
/// explicit Euler step of 0.02 s. With T = double states equal Gymnasium's (which rounds observations to float).
struct CartPole {
  template <class T>
  struct State {
    T x, x_dot, theta, theta_dot;
  };
  template <class T>
  struct Params {
    T gravity = T(9.8);                                   // m/s²
    T cart_mass = T(1.0);                                 // kg
    T pole_mass = T(0.1);                                 // kg
    T half_length = T(0.5);                               // m, from the hinge to the pole's middle
    T force = T(10.0);                                    // N
    T time_step = T(0.02);                                // s
    T x_limit = T(2.4);                                   // m
    T theta_limit = T(12 * 2 * 3.141592653589793 / 360);  // rad
  };
  static constexpr int observation_size = 4;
  static constexpr int action_size = 0;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws& draws) {
    const T low = T(-0.05), high = T(0.05);
    return {draws.between(0, low, high), draws.between(1, low, high), draws.between(2, low, high),
            draws.between(3, low, high)};
  }

  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>& p, State<T>& s, std::int32_t action) {
    const T total_mass = p.pole_mass + p.cart_mass;
    const T pole_moment = p.pole_mass * p.half_length;
    const T force = action == 1 ? p.force : -p.force;
    const auto [sin, cos] = sin_cos(s.theta);
    const T push = (force + pole_moment * (s.theta_dot * s.theta_dot) * sin) / total_mass;
    const T theta_acc =
        (p.gravity * sin - cos * push) / (p.half_length * (T(4.0 / 3.0) - p.pole_mass * (cos * cos) / total_mass));
    const T x_acc = push - pole_moment * theta_acc * cos / total_mass;
    s.x = s.x + p.time_step * s.x_dot;
    s.x_dot = s.x_dot + p.time_step * x_acc;
    s.theta = s.theta + p.time_step * s.theta_dot;
    s.theta_dot = s.theta_dot + p.time_step * theta_acc;
    const bool terminated =
        (s.x < -p.x_limit) | (s.x > p.x_limit) | (s.theta < -p.theta_limit) | (s.theta > p.theta_limit);
    return {T(1), terminated};
  }

  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    obs[0] = s.x;
    obs[stride] = s.x_dot;
    obs[2 * stride] = s.theta;
    obs[3 * stride] = s.theta_dot;
  }

  /// `version` 0 or 1.
  static Spec spec(int version) {
    const double inf = std::numeric_limits<double>::infinity();
    const Params<double> p;
    Spec spec;
    spec.id = "CartPole-v" + std::to_string(version);
    spec.observation =
        Space::box({-2 * p.x_limit, -inf, -2 * p.theta_limit, -inf}, {2 * p.x_limit, inf, 2 * p.theta_limit, inf});
    spec.action = Space::discrete(2);
    spec.max_steps = version == 0 ? 200 : 500;
    spec.reward_threshold = version == 0 ? 195 : 475;
    spec.best_return = spec.max_steps;
    spec.description = "keep a pole upright on a cart: 1 a step until it falls or leaves the track";
    return spec;
  }
};

}  // namespace pigrad
