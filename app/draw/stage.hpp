#pragma once
#include "scene.hpp"

namespace pigrad::app {

/// The colours of the drawings: few, so that animations stay small.
namespace ink {
constexpr Ink ground{0x8c8c8c}, faint{0xc9c9c9}, body{0x0072b2}, rod{0xd55e00}, joint{0x5f5f5f}, force{0x009e73},
    goal{0x009e73}, words{0x222222}, soft{0x666666}, bad{0xc00000};
}

/// World coordinates on a part of a canvas: x to the right, y upwards, the same scale both ways.
class Stage {
 public:
  /// The whole of [left, right] × [bottom, top] is seen, centred in the box.
  Stage(Canvas& canvas, const Box& box, double left, double right, double bottom, double top);

  Canvas& canvas() const { return canvas_; }
  Point at(double x, double y) const { return {x0_ + scale_ * x, y0_ - scale_ * y}; }
  /// Pixels of a length, at least `least`.
  double pixels(double length, double least = 1) const;

  void line(Point from, Point to, Ink ink, double width_pixels, const std::vector<double>& dashes = {}) const;
  void rod(Point from, Point to, Ink ink, double width) const;
  void disc(Point centre, double radius, Ink ink) const;
  void rectangle(Point centre, double width, double height, Ink ink) const;
  /// From `from` along (dx, dy) in world units; nothing where both are 0.
  void arrow(Point from, double dx, double dy, Ink ink) const;
  /// Part of a circle from angle `begin` to `end` (rad, anticlockwise from the right) with a head at `end`.
  void turning_arrow(Point centre, double radius, double begin, double end, Ink ink) const;

 private:
  void head(Point tip, double angle, Ink ink) const;

  Canvas& canvas_;
  double scale_, x0_, y0_;
};

/// The action as a share of the strongest to the right: −1 … 1. Discrete ones lie evenly; 0 at the start.
double push(const Spec& spec, const Scene& scene);

}  // namespace pigrad::app
