#pragma once
#include "../env/draws.hpp"
#include "../env/dynamics.hpp"
#include "../env/spec.hpp"
#include "simulation.hpp"

namespace pigrad {

/// A pole hinged on a cart that a motor pushes along a slide of ±1 m; keep it upright. MuJoCo computes.
///
/// | | |
/// |---|---|
/// | Observation | box[4]: cart position x (m), pole angle θ (rad), ẋ (m/s), θ̇ (rad/s) |
/// | Action | box[1] within ±3 (clipped): the motor's control; the force is 100 N times it |
/// | Reward | 1 a step, the last one too (Gymnasium's v5 pays 0 on a terminal step) |
/// | Start | each of the four uniform in [−0.01, 0.01) |
/// | Termination | \|θ\| > 0.2, or a value is not finite |
/// | Limit | 1000 steps of 0.04 s (threshold 950) |
///
/// State: x, θ, ẋ, θ̇, then what MujocoSimulation adds. Cart: a capsule of radius 0.1 m and half-length 0.1 m along x,
/// 10.471976 kg. Pole: a capsule of radius 0.049 m from the hinge to (0.001, 0, 0.6) m, 5.018592 kg. Both joints are
/// limited (±1 m, ±90°) and damped by 1 (N·s/m, N·m·s/rad); gravity 9.81 m/s²; two RK4 steps of 0.02 s a step.
///
/// Source: Gymnasium 1.4's InvertedPendulum-v4.
struct InvertedPendulum {
  static constexpr int positions = 2, velocities = 2;
  static constexpr int observation_size = 4, action_size = 1, frames = 2;

  static const char* model();
  static void start(const Draws& draws, double* qpos, double* qvel);
  static Outcome<double> outcome(const MujocoScene& scene);
  static void observe(const MujocoScene& scene, double* obs);
  static Spec spec();
};

}  // namespace pigrad
