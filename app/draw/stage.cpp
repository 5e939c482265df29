#include "stage.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pigrad::app {

Stage::Stage(Canvas& canvas, const Box& box, double left, double right, double bottom, double top)
    : canvas_(canvas), scale_(std::min(box.width / (right - left), box.height / (top - bottom))) {
  x0_ = box.x + box.width / 2 - scale_ * (left + right) / 2;
  y0_ = box.y + box.height / 2 + scale_ * (bottom + top) / 2;
}

double Stage::pixels(double length, double least) const { return std::max(scale_ * length, least); }

void Stage::line(Point from, Point to, Ink ink, double width_pixels, const std::vector<double>& dashes) const {
  canvas_.line({at(from.x, from.y), at(to.x, to.y)}, ink, width_pixels, dashes);
}

void Stage::rod(Point from, Point to, Ink ink, double width) const { line(from, to, ink, pixels(width, 2)); }

void Stage::disc(Point centre, double radius, Ink ink) const {
  std::vector<Point> rim;
  constexpr int corners = 32;
  const Point middle = at(centre.x, centre.y);
  const double r = pixels(radius, 1.5);
  for (int i = 0; i < corners; ++i) {
    const double angle = 2 * std::numbers::pi * i / corners;
    rim.push_back({middle.x + r * std::cos(angle), middle.y + r * std::sin(angle)});
  }
  canvas_.polygon(rim, ink);
}

void Stage::rectangle(Point centre, double width, double height, Ink ink) const {
  canvas_.rectangle(at(centre.x - width / 2, centre.y + height / 2), scale_ * width, scale_ * height, ink);
}

void Stage::head(Point tip, double angle, Ink ink) const {
  constexpr double size = 9, spread = 2.6;
  std::vector<Point> corners = {tip};
  for (const double side : {spread, -spread})
    corners.push_back({tip.x + size * std::cos(angle + side), tip.y - size * std::sin(angle + side)});
  canvas_.polygon(corners, ink);
}

void Stage::arrow(Point from, double dx, double dy, Ink ink) const {
  if (dx == 0 && dy == 0) return;
  line(from, {from.x + dx, from.y + dy}, ink, 3);
  head(at(from.x + dx, from.y + dy), std::atan2(dy, dx), ink);
}

void Stage::turning_arrow(Point centre, double radius, double begin, double end, Ink ink) const {
  if (begin == end) return;
  std::vector<Point> arc;
  constexpr int pieces = 24;
  for (int i = 0; i <= pieces; ++i) {
    const double angle = begin + (end - begin) * i / pieces;
    arc.push_back(at(centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle)));
  }
  canvas_.line(arc, ink, 3);
  head(arc.back(), end + (end > begin ? 1 : -1) * std::numbers::pi / 2, ink);
}

double push(const Spec& spec, const Scene& scene) {
  if (scene.action.empty()) return 0;
  if (spec.action.is_discrete()) return spec.action.n > 1 ? 2 * scene.action[0] / (spec.action.n - 1) - 1 : 0;
  const double most = spec.action.high[0];
  return std::clamp(std::isfinite(most) && most > 0 ? scene.action[0] / most : scene.action[0], -1.0, 1.0);
}

}  // namespace pigrad::app
