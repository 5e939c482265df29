#include <cmath>
#include <cstdio>
#include <numbers>

#include "families.hpp"
#include "stage.hpp"

namespace pigrad::app {
namespace {

/// A cart on a track, in metres; poles hang on it, one on the end of the other.
struct Rig {
  double limit;  ///< of the track, both ways
  double cart_width, cart_height;
  double pole_width;
  double top, bottom;  ///< what is seen, above and below the hinge
  double margin;       ///< beside the track
};

struct Pole {
  double length, angle;  ///< rad, from upright, leaning right where positive
};

void draw_rig(Canvas& canvas, const Box& box, const Rig& rig, double x, const std::vector<Pole>& poles, double force) {
  const Stage stage(canvas, box, -rig.limit - rig.margin, rig.limit + rig.margin, -rig.bottom, rig.top);
  stage.line({-rig.limit, 0}, {rig.limit, 0}, ink::ground, 2);
  for (const double end : {-rig.limit, rig.limit}) {
    stage.line({end, -rig.cart_height}, {end, rig.cart_height}, ink::ground, 3);
    const Point below = stage.at(end, -rig.cart_height);
    char words[32];
    std::snprintf(words, sizeof words, end < 0 ? "−%g m" : "%g m", rig.limit);
    canvas.text({below.x, below.y + 16}, words, {11, ink::soft, false, 0.5});
  }
  stage.rectangle({x, 0}, rig.cart_width, rig.cart_height, ink::body);
  const double side = rig.cart_width / 2 + 0.03 * rig.limit;
  stage.arrow({x + std::copysign(side, force), 0}, 0.3 * rig.limit * force, 0, ink::force);
  Point hinge{x, 0};
  for (const Pole& pole : poles) {
    const Point tip{hinge.x + pole.length * std::sin(pole.angle), hinge.y + pole.length * std::cos(pole.angle)};
    stage.rod(hinge, tip, ink::rod, rig.pole_width);
    stage.disc(hinge, 0.7 * rig.pole_width, ink::joint);
    hinge = tip;
  }
}

}  // namespace

void draw_cartpole(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  const Rig rig{2.4, 0.5, 0.3, 0.09, 1.35, 0.75, 0.5};
  const double x = scene.observation[0], fallen = 12 * std::numbers::pi / 180;
  const Stage stage(canvas, box, -rig.limit - rig.margin, rig.limit + rig.margin, -rig.bottom, rig.top);
  for (const double angle : {-fallen, fallen})
    stage.line({x, 0}, {x + 1.2 * std::sin(angle), 1.2 * std::cos(angle)}, ink::faint, 1, {4, 4});
  draw_rig(canvas, box, rig, x, {{1, scene.observation[2]}}, push(spec, scene));
}

void draw_swingup(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  // There the angle grows to the left.
  const double angle = -std::atan2(scene.observation[3], scene.observation[2]);
  draw_rig(canvas, box, {2.4, 0.5, 0.25, 0.08, 0.9, 0.9, 0.5}, scene.observation[0], {{0.6, angle}}, push(spec, scene));
}

void draw_inverted_pendulum(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  draw_rig(canvas, box, {1, 0.3, 0.2, 0.08, 0.8, 0.45, 0.2}, scene.observation[0], {{0.6, scene.observation[1]}},
           push(spec, scene));
}

void draw_inverted_double_pendulum(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  // Position, sines, cosines; the second angle is that between the poles.
  const auto& o = scene.observation;
  const double first = std::atan2(o[1], o[3]), second = first + std::atan2(o[2], o[4]);
  draw_rig(canvas, box, {1, 0.3, 0.2, 0.08, 1.35, 0.45, 0.2}, o[0], {{0.6, first}, {0.6, second}}, push(spec, scene));
}

}  // namespace pigrad::app
