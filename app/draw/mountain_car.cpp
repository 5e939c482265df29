#include <cmath>

#include "families.hpp"
#include "stage.hpp"

namespace pigrad::app {
namespace {

constexpr double kLeft = -1.2, kRight = 0.6;

double height(double place) { return 0.45 * std::sin(3 * place) + 0.55; }

}  // namespace

void draw_mountain_car(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  const Stage stage(canvas, box, kLeft - 0.05, kRight + 0.05, 0, 1.25);
  std::vector<Point> hill;
  for (int i = 0; i <= 60; ++i) {
    const double place = kLeft + (kRight - kLeft) * i / 60;
    hill.push_back(stage.at(place, height(place)));
  }
  canvas.line(hill, ink::ground, 3);
  stage.line({kLeft, height(kLeft)}, {kLeft, height(kLeft) + 0.1}, ink::ground, 3);
  const double goal = spec.action.is_discrete() ? 0.5 : 0.45, foot = height(goal);
  stage.line({goal, foot}, {goal, foot + 0.2}, ink::joint, 2);
  canvas.polygon({stage.at(goal, foot + 0.2), stage.at(goal - 0.09, foot + 0.165), stage.at(goal, foot + 0.13)},
                 ink::goal);

  const double place = scene.observation[0], slope = std::atan(3 * 0.45 * std::cos(3 * place));
  const double c = std::cos(slope), s = std::sin(slope);
  const auto beside = [&](double along, double above) {
    return Point{place + along * c - above * s, height(place) + along * s + above * c};
  };
  std::vector<Point> corners;
  for (const auto& [along, above] :
       {Point{-0.06, 0.025}, Point{0.06, 0.025}, Point{0.06, 0.065}, Point{-0.06, 0.065}}) {
    const Point corner = beside(along, above);
    corners.push_back(stage.at(corner.x, corner.y));
  }
  canvas.polygon(corners, ink::body);
  for (const double wheel : {-0.035, 0.035}) stage.disc(beside(wheel, 0.022), 0.02, ink::joint);
  const double force = push(spec, scene);
  stage.arrow(beside(std::copysign(0.08, force), 0.045), 0.2 * force * c, 0.2 * force * s, ink::force);
}

}  // namespace pigrad::app
