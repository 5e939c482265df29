#include <cmath>
#include <numbers>

#include "families.hpp"
#include "stage.hpp"

namespace pigrad::app {

void draw_pendulum(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  // cos θ and sin θ; θ is 0 upright and grows anticlockwise.
  const Stage stage(canvas, box, -1.5, 1.5, -1.3, 1.3);
  const Point tip{-scene.observation[1], scene.observation[0]};
  stage.line({0, 1.02}, {0, 1.2}, ink::faint, 2);
  stage.rod({0, 0}, tip, ink::rod, 0.18);
  stage.disc({0, 0}, 0.06, ink::joint);
  const double torque = push(spec, scene), up = std::numbers::pi / 2;
  stage.turning_arrow({0, 0}, 0.45, up, up + 0.75 * std::numbers::pi * torque, ink::force);
}

void draw_acrobot(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  // Cosine and sine of both angles; the first is 0 hanging down, the second is that between the links.
  const Stage stage(canvas, box, -2.5, 2.5, -2.2, 2.2);
  const auto& o = scene.observation;
  const double first = std::atan2(o[1], o[0]), second = first + std::atan2(o[3], o[2]);
  const Point elbow{std::sin(first), -std::cos(first)};
  const Point tip{elbow.x + std::sin(second), elbow.y - std::cos(second)};
  stage.line({-2.4, 1}, {2.4, 1}, ink::goal, 2, {6, 4});
  stage.rod({0, 0}, elbow, ink::body, 0.17);
  stage.rod(elbow, tip, ink::rod, 0.17);
  stage.disc({0, 0}, 0.09, ink::joint);
  stage.disc(elbow, 0.09, ink::joint);
  const double torque = push(spec, scene), down = second - std::numbers::pi / 2;
  stage.turning_arrow(elbow, 0.4, down, down + 0.6 * std::numbers::pi * torque, ink::force);
}

}  // namespace pigrad::app
