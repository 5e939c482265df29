#pragma once
#include "../env/draws.hpp"
#include "../env/dynamics.hpp"
#include "../env/spec.hpp"
#include "simulation.hpp"

namespace pigrad {

/// Two poles, one on top of the other, on a cart that a motor pushes along a slide of ±1 m; keep them upright. MuJoCo
/// computes.
///
/// | | |
/// |---|---|
/// | Observation | box[11]: x (m), sin θ₁, sin θ₂, cos θ₁, cos θ₂, ẋ, θ̇₁, θ̇₂, the limits' forces on x, θ₁, θ₂ |
/// | Action | box[1] within ±1 (clipped): the motor's control; the force is 500 N times it |
/// | Reward | 10 − 0.01 x² − (z − 2)² − 0.001 θ̇₁² − 0.005 θ̇₂², with (x, z) the tip of the upper pole (m) |
/// | Start | positions uniform in [−0.1, 0.1), velocities normal with deviation 0.1 |
/// | Termination | z ≤ 1 |
/// | Limit | 1000 steps of 0.05 s (threshold 9100) |
///
/// Rates and forces are clipped to ±10. θ₂ is relative to the lower pole. Only the slide has a limit, so the last two
/// forces are 0. The forces and the tip are those that MuJoCo evaluated last, in the fourth stage of the fifth RK4 step
/// (see MujocoSimulation). State: x, θ₁, θ₂, ẋ, θ̇₁, θ̇₂, then what MujocoSimulation adds. Cart as InvertedPendulum's;
/// each pole a capsule of radius 0.045 m and length 0.6 m, 4.198739 kg. All joints are damped by 0.05; the slide's
/// limit begins to press 0.01 m before ±1. Gravity 9.81 m/s² down and, as the original has it, 1e-5 along x. Five RK4
/// steps of 0.01 s a step.
///
/// Source: Gymnasium 1.4's InvertedDoublePendulum-v4.
struct InvertedDoublePendulum {
  static constexpr int positions = 3, velocities = 3;
  static constexpr int observation_size = 11, action_size = 1, frames = 5;

  static const char* model();
  static void start(const Draws& draws, double* qpos, double* qvel);
  static Outcome<double> outcome(const MujocoScene& scene);
  static void observe(const MujocoScene& scene, double* obs);
  static Spec spec();
};

}  // namespace pigrad
