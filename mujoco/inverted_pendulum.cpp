#include "inverted_pendulum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pigrad {

const char* InvertedPendulum::model() {
  return R"(
<mujoco model="inverted pendulum">
  <compiler inertiafromgeom="true" angle="degree"/>
  <option timestep="0.02" integrator="RK4" gravity="0 0 -9.81" solver="Newton" iterations="100" tolerance="1e-8"/>
  <size njmax="10" nconmax="1"/>
  <default>
    <joint limited="true" damping="1" armature="0"/>
    <geom type="capsule" density="1000" contype="0" conaffinity="0"/>
  </default>
  <worldbody>
    <body name="cart">
      <joint name="slide" type="slide" axis="1 0 0" range="-1 1"/>
      <geom size="0.1 0.1" euler="0 90 0"/>
      <body name="pole">
        <joint name="hinge" type="hinge" axis="0 1 0" range="-90 90"/>
        <geom size="0.049" fromto="0 0 0 0.001 0 0.6"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="slide" gear="100" ctrllimited="true" ctrlrange="-3 3"/>
  </actuator>
</mujoco>
)";
}

void InvertedPendulum::start(const Draws& draws, double* qpos, double* qvel) {
  for (int i = 0; i < positions; ++i) qpos[i] = draws.between(i, -0.01, 0.01);
  for (int i = 0; i < velocities; ++i) qvel[i] = draws.between(positions + i, -0.01, 0.01);
}

Outcome<double> InvertedPendulum::outcome(const MujocoScene& scene) {
  double obs[observation_size];
  observe(scene, obs);
  const bool finite = std::all_of(obs, obs + observation_size, [](double v) { return std::isfinite(v); });
  return {1.0, !finite || std::abs(scene.qpos[1]) > 0.2};
}

void InvertedPendulum::observe(const MujocoScene& scene, double* obs) {
  std::copy_n(scene.qvel, velocities, std::copy_n(scene.qpos, positions, obs));
}

Spec InvertedPendulum::spec() {
  const double inf = std::numeric_limits<double>::infinity();
  Spec spec;
  spec.id = "InvertedPendulum-v4";
  spec.observation = Space::box(observation_size, -inf, inf);
  spec.action = Space::box(action_size, -3, 3);
  spec.max_steps = 1000;
  spec.reward_threshold = 950;
  spec.best_return = 1000;
  spec.description = "keep a pole upright on a cart in MuJoCo: 1 a step until it leans by more than 0.2 rad";
  return spec;
}

}  // namespace pigrad
