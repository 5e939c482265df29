#pragma once
#include "arithmetic.hpp"
#include "dynamics.hpp"
#include "spec.hpp"
#include "trig.hpp"

namespace pigrad {

/// A car in a valley whose engine is too weak for the slope: swing back and forth to reach the flag on the right.
///
/// | | |
/// |---|---|
/// | Observation | box[2]: position, within [−1.2, 0.6]; velocity a step, within ±0.07 |
/// | Action | discrete(3): 0 pushes left, 1 not at all, 2 right, with 0.001 |
/// | Reward | −1 a step, the last one too |
/// | Start | position uniform in [−0.6, −0.4), velocity 0 |
/// | Termination | position ≥ 0.5 and velocity ≥ 0 |
/// | Limit | 200 steps (threshold −110) |
///
/// The wall at −1.2 stops the car. Source: Moore, "Efficient memory-based learning for robot control", Cambridge 1990;
/// MountainCar-v0 of Gymnasium 1.4 in its order of evaluation.
struct MountainCar {
  template <class T>
  struct State {
    T position, velocity;
  };
  template <class T>
  struct Params {
    T force = T(0.001);
    T gravity = T(0.0025);
    T least_position = T(-1.2);
    T most_position = T(0.6);
    T max_speed = T(0.07);
    T goal_position = T(0.5);
    T goal_velocity = T(0);
  };
  static constexpr int observation_size = 2;
  static constexpr int action_size = 0;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws& draws) {
    return {draws.between(0, T(-0.6), T(-0.4)), T(0)};
  }

  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>& p, State<T>& s, std::int32_t action) {
    const T push = static_cast<T>(action - 1) * p.force + sin_cos(3 * s.position).cos * -p.gravity;
    const T velocity = clamped(s.velocity + push, -p.max_speed, p.max_speed);
    s.position = clamped(s.position + velocity, p.least_position, p.most_position);
    const bool stopped = (s.position == p.least_position) & (velocity < 0);
    s.velocity = stopped ? T(0) : velocity;
    const bool terminated = (s.position >= p.goal_position) & (s.velocity >= p.goal_velocity);
    return {T(-1), terminated};
  }

  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    obs[0] = s.position;
    obs[stride] = s.velocity;
  }

  static Spec spec() {
    Spec spec;
    spec.id = "MountainCar-v0";
    spec.observation = observations();
    spec.action = Space::discrete(3);
    spec.max_steps = 200;
    spec.reward_threshold = -110;
    spec.description = "swing a weak car out of a valley: −1 a step until the flag";
    return spec;
  }

  /// The bounds in float, as Gymnasium's spaces have them.
  static Space observations() { return Space::box({-1.2f, -0.07f}, {0.6f, 0.07f}); }
};

/// The same valley with an engine that can be throttled.
///
/// | | |
/// |---|---|
/// | Observation | box[2]: position, within [−1.2, 0.6]; velocity a step, within ±0.07 |
/// | Action | box[1]: the force, clipped to ±1 before it pushes with 0.0015 |
/// | Reward | −0.1 action² with the action as it is given, not clipped; +100 at the flag |
/// | Start | position uniform in [−0.6, −0.4), velocity 0 |
/// | Termination | position ≥ 0.45 and velocity ≥ 0 |
/// | Limit | 999 steps (threshold 90) |
///
/// Source: MountainCarContinuous-v0 of Gymnasium 1.4, which starts in double and from the first step on keeps its state
/// in float; with NumPy 2 a float's arithmetic with Python's numbers stays in float. So here with T = double: a state
/// that float holds is one that has been rounded, an action that float holds is a float, and every operation rounds to
/// float where Gymnasium's would.
struct MountainCarContinuous {
  template <class T>
  struct State {
    T position, velocity;
  };
  template <class T>
  struct Params {
    T power = T(0.0015);
    T gravity = T(0.0025);
    T least_position = T(-1.2);
    T most_position = T(0.6);
    T max_speed = T(0.07);
    T goal_position = T(0.45);
    T goal_velocity = T(0);
  };
  static constexpr int observation_size = 2;
  static constexpr int action_size = 1;
  static constexpr bool clips_its_own_actions = true;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws& draws) {
    return {draws.between(0, T(-0.6), T(-0.4)), T(0)};
  }

  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>& p, State<T>& s, const T* action) {
    const bool position_in_float = fits_float(s.position), velocity_in_float = fits_float(s.velocity);
    const bool state_in_float = position_in_float & velocity_in_float;
    const bool action_in_float = fits_float(action[0]);
    const bool bounded = (action[0] < -1) | (action[0] > 1);  // then the force is Python's number ±1

    const T force = clamped(action[0], T(-1), T(1));
    const T slope = p.gravity * sin_cos(rounded(state_in_float, 3 * s.position)).cos;
    const bool push_in_float = action_in_float & !bounded;
    const T thrust = rounded(push_in_float, force * rounded(push_in_float, p.power));
    const T push = rounded(push_in_float, thrust - rounded(push_in_float, slope));

    const bool speed_in_float = state_in_float & (action_in_float | bounded);
    const T top = rounded(speed_in_float, p.max_speed);
    const T free = rounded(speed_in_float, s.velocity + rounded(speed_in_float, push));
    const T velocity = clamped(free, -top, top);

    const bool place_in_float = state_in_float & (speed_in_float | (velocity != free));
    const T left = rounded(place_in_float, p.least_position), right = rounded(place_in_float, p.most_position);
    const T position = clamped(rounded(place_in_float, s.position + rounded(place_in_float, velocity)), left, right);
    const bool stopped = (position == left) & (velocity < 0);
    const T speed = stopped ? T(0) : velocity;
    const bool terminated = (position >= rounded(place_in_float, p.goal_position)) & (speed >= p.goal_velocity);

    s.position = rounded(true, position);
    s.velocity = rounded(true, speed);
    return {(terminated ? T(100) : T(0)) - action[0] * action[0] * T(0.1), terminated};
  }

  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    obs[0] = s.position;
    obs[stride] = s.velocity;
  }

  static Spec spec() {
    Spec spec;
    spec.id = "MountainCarContinuous-v0";
    spec.observation = MountainCar::observations();
    spec.action = Space::box(1, -1, 1);
    spec.max_steps = 999;
    spec.reward_threshold = 90;
    spec.description = "throttle a weak car out of a valley: 100 at the flag, less 0.1 force² a step";
    return spec;
  }
};

}  // namespace pigrad
