#pragma once
#include "arithmetic.hpp"
#include "dynamics.hpp"
#include "spec.hpp"
#include "trig.hpp"

namespace pigrad {

/// Two links that hang one from the other, with a motor at the elbow: swing the free end above a line.
///
/// | | |
/// |---|---|
/// | Observation | box[6]: cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ̇₁ within ±4π rad/s, θ̇₂ within ±9π |
/// | Action | discrete(3): torque −1, 0, 1 N m at the elbow |
/// | Reward | −1 a step, 0 on the step that reaches the line |
/// | Start | all four uniform in [−0.1, 0.1), rounded to float |
/// | Termination | −cos θ₁ − cos(θ₁ + θ₂) > 1 |
/// | Limit | 500 steps (threshold −100) |
///
/// θ₁ is the upper link's angle, 0 where it hangs; θ₂ the lower link's angle to it. Source: Sutton, "Generalization in
/// reinforcement learning: successful examples using sparse coarse coding", NIPS 1995, with the equations of Sutton and
/// Barto's book; Acrobot-v1 of Gymnasium 1.4 in its order of evaluation: one Runge-Kutta step of 0.2 s, then angles
/// wrapped to ±π and velocities bounded; no noise on the torque.
struct Acrobot {
  template <class T>
  struct State {
    T theta1, theta2, theta1_dot, theta2_dot;
  };
  template <class T>
  struct Params {
    T gravity = T(9.8);                       // m/s²
    T mass1 = T(1.0), mass2 = T(1.0);         // kg
    T length1 = T(1.0);                       // m
    T centre1 = T(0.5), centre2 = T(0.5);     // m, from a link's upper end to its centre of mass
    T inertia1 = T(1.0), inertia2 = T(1.0);   // kg m²
    T max_speed1 = T(4 * 3.141592653589793);  // rad/s
    T max_speed2 = T(9 * 3.141592653589793);  // rad/s
    T time_step = T(0.2);                     // s
  };
  static constexpr int observation_size = 6;
  static constexpr int action_size = 0;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws& draws) {
    const T low = T(-0.1), high = T(0.1);
    return {rounded(true, draws.between(0, low, high)), rounded(true, draws.between(1, low, high)),
            rounded(true, draws.between(2, low, high)), rounded(true, draws.between(3, low, high))};
  }

  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>& p, State<T>& s, std::int32_t action) {
    const T torque = static_cast<T>(action - 1);
    const T half = p.time_step / 2, sixth = p.time_step / 6;
    const State<T> k1 = rate(p, s, torque);
    const State<T> k2 = rate(p, moved(s, half, k1), torque);
    const State<T> k3 = rate(p, moved(s, half, k2), torque);
    const State<T> k4 = rate(p, moved(s, p.time_step, k3), torque);
    s = moved(
        s, sixth,
        {k1.theta1 + 2 * k2.theta1 + 2 * k3.theta1 + k4.theta1, k1.theta2 + 2 * k2.theta2 + 2 * k3.theta2 + k4.theta2,
         k1.theta1_dot + 2 * k2.theta1_dot + 2 * k3.theta1_dot + k4.theta1_dot,
         k1.theta2_dot + 2 * k2.theta2_dot + 2 * k3.theta2_dot + k4.theta2_dot});
    s.theta1 = wrap_angle(s.theta1);
    s.theta2 = wrap_angle(s.theta2);
    s.theta1_dot = clamped(s.theta1_dot, -p.max_speed1, p.max_speed1);
    s.theta2_dot = clamped(s.theta2_dot, -p.max_speed2, p.max_speed2);
    const bool terminated = -sin_cos(s.theta1).cos - sin_cos(s.theta2 + s.theta1).cos > T(1);
    return {terminated ? T(0) : T(-1), terminated};
  }

  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    const auto [sin1, cos1] = sin_cos(s.theta1);
    const auto [sin2, cos2] = sin_cos(s.theta2);
    obs[0] = cos1;
    obs[stride] = sin1;
    obs[2 * stride] = cos2;
    obs[3 * stride] = sin2;
    obs[4 * stride] = s.theta1_dot;
    obs[5 * stride] = s.theta2_dot;
  }

  static Spec spec() {
    const Params<double> p;  // Gymnasium's space holds floats
    const double speed1 = rounded(true, p.max_speed1), speed2 = rounded(true, p.max_speed2);
    Spec spec;
    spec.id = "Acrobot-v1";
    spec.observation = Space::box({-1, -1, -1, -1, -speed1, -speed2}, {1, 1, 1, 1, speed1, speed2});
    spec.action = Space::discrete(3);
    spec.max_steps = 500;
    spec.reward_threshold = -100;
    spec.description = "swing the end of two links above a line by the elbow: −1 a step until it is there";
    return spec;
  }

 private:
  /// s + time·rate
  template <class T>
  PIGRAD_HD static State<T> moved(const State<T>& s, T time, const State<T>& rate) {
    return {s.theta1 + time * rate.theta1, s.theta2 + time * rate.theta2, s.theta1_dot + time * rate.theta1_dot,
            s.theta2_dot + time * rate.theta2_dot};
  }

  /// ds/dt, each member's rate in its place; d₁, d₂, φ₁, φ₂ are the book's.
  template <class T>
  PIGRAD_ALWAYS_INLINE PIGRAD_HD static inline State<T> rate(const Params<T>& p, const State<T>& s, T torque) {
    constexpr T quarter_turn = T(3.141592653589793 / 2);
    const auto [sin2, cos2] = sin_cos(s.theta2);
    const T centre2_squared = p.centre2 * p.centre2, pull = p.mass2 * p.length1 * p.centre2;
    const T d1 = p.mass1 * (p.centre1 * p.centre1) +
                 p.mass2 * (p.length1 * p.length1 + centre2_squared + 2 * p.length1 * p.centre2 * cos2) + p.inertia1 +
                 p.inertia2;
    const T d2 = p.mass2 * (centre2_squared + p.length1 * p.centre2 * cos2) + p.inertia2;
    const T phi2 = p.mass2 * p.centre2 * p.gravity * sin_cos(s.theta1 + s.theta2 - quarter_turn).cos;
    const T phi1 = -pull * (s.theta2_dot * s.theta2_dot) * sin2 - 2 * pull * s.theta2_dot * s.theta1_dot * sin2 +
                   (p.mass1 * p.centre1 + p.mass2 * p.length1) * p.gravity * sin_cos(s.theta1 - quarter_turn).cos +
                   phi2;
    const T acc2 = (torque + d2 / d1 * phi1 - pull * (s.theta1_dot * s.theta1_dot) * sin2 - phi2) /
                   (p.mass2 * centre2_squared + p.inertia2 - d2 * d2 / d1);
    const T acc1 = -(d2 * acc2 + phi1) / d1;
    return {s.theta1_dot, s.theta2_dot, acc1, acc2};
  }
};

}  // namespace pigrad
