#include "inverted_double_pendulum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pigrad {

const char* InvertedDoublePendulum::model() {
  return R"(
<mujoco model="inverted double pendulum">
  <compiler inertiafromgeom="true"/>
  <option timestep="0.01" integrator="RK4" gravity="1e-5 0 -9.81" solver="Newton" iterations="100" tolerance="1e-8"/>
  <size njmax="10" nconmax="1"/>
  <default>
    <joint damping="0.05" armature="0"/>
    <geom type="capsule" density="1000" contype="0" conaffinity="0"/>
    <default class="pole">
      <joint type="hinge" axis="0 1 0" limited="false"/>
      <geom size="0.045" fromto="0 0 0 0 0 0.6"/>
    </default>
  </default>
  <worldbody>
    <body name="cart">
      <joint name="slide" type="slide" axis="1 0 0" limited="true" range="-1 1" margin="0.01"/>
      <geom size="0.1 0.1" euler="0 90 0"/>
      <body name="lower" childclass="pole">
        <joint name="lower"/>
        <geom/>
        <body name="upper" pos="0 0 0.6">
          <joint name="upper"/>
          <geom/>
          <site name="tip" pos="0 0 0.6"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="slide" gear="500" ctrllimited="true" ctrlrange="-1 1"/>
  </actuator>
</mujoco>
)";
}

void InvertedDoublePendulum::start(const Draws& draws, double* qpos, double* qvel) {
  for (int i = 0; i < positions; ++i) qpos[i] = draws.between(i, -0.1, 0.1);
  for (int i = 0; i < velocities; ++i) qvel[i] = 0.1 * draws.normal<double>(positions + i);
}

Outcome<double> InvertedDoublePendulum::outcome(const MujocoScene& scene) {
  const double x = scene.site[0], z = scene.site[2];
  const double place = 0.01 * (x * x) + (z - 2) * (z - 2);
  const double pace = 1e-3 * (scene.qvel[1] * scene.qvel[1]) + 5e-3 * (scene.qvel[2] * scene.qvel[2]);
  return {10 - place - pace, z <= 1};
}

void InvertedDoublePendulum::observe(const MujocoScene& scene, double* obs) {
  const auto clipped = [](double v) { return std::clamp(v, -10.0, 10.0); };
  *obs++ = scene.qpos[0];
  for (int i = 1; i < positions; ++i) *obs++ = std::sin(scene.qpos[i]);
  for (int i = 1; i < positions; ++i) *obs++ = std::cos(scene.qpos[i]);
  obs = std::transform(scene.qvel, scene.qvel + velocities, obs, clipped);
  std::transform(scene.qfrc_constraint, scene.qfrc_constraint + velocities, obs, clipped);
}

Spec InvertedDoublePendulum::spec() {
  const double inf = std::numeric_limits<double>::infinity();
  Spec spec;
  spec.id = "InvertedDoublePendulum-v4";
  spec.observation = Space::box(observation_size, -inf, inf);
  spec.action = Space::box(action_size, -1, 1);
  spec.max_steps = 1000;
  spec.reward_threshold = 9100;
  spec.best_return = 9360;
  spec.description = "keep two poles upright, one on the other, on a cart in MuJoCo: up to 9.36 a step until they fall";
  return spec;
}

}  // namespace pigrad
