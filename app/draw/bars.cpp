#include <algorithm>
#include <cmath>
#include <cstdio>

#include "families.hpp"
#include "stage.hpp"

namespace pigrad::app {
namespace {

constexpr std::size_t kMost = 24;

// −1 … 1: within its bounds where it has them, else squeezed.
double share(const Space& space, std::size_t i, double value) {
  const double low = space.is_box() ? space.low[i] : 0, high = space.is_box() ? space.high[i] : space.n - 1;
  if (!std::isfinite(value)) return std::isnan(value) ? 0 : std::copysign(1, value);
  if (!std::isfinite(low) || !std::isfinite(high) || high <= low) return value / (1 + std::abs(value));
  return std::clamp(2 * (value - low) / (high - low) - 1, -1.0, 1.0);
}

void bars(Canvas& canvas, const Box& box, const Space& space, const std::vector<double>& values, Ink ink,
          const char* name) {
  const std::size_t shown = std::min(values.size(), kMost);
  canvas.text({box.x, box.y + 12}, name, {12, ink::soft});
  if (shown == 0) return;
  const double top = box.y + 20, height = box.height - 38, middle = top + height / 2;
  const double pitch = box.width / static_cast<double>(shown), width = std::min(0.7 * pitch, 40.0);
  canvas.line({{box.x, middle}, {box.x + box.width, middle}}, ink::faint, 1);
  for (std::size_t i = 0; i < shown; ++i) {
    const double x = box.x + pitch * (static_cast<double>(i) + 0.5);
    const double length = share(space, i, values[i]) * height / 2;
    canvas.rectangle({x - width / 2, middle - std::max(length, 0.0)}, width, std::max(std::abs(length), 1.0), ink);
    if (shown > 8) continue;
    char text[32];
    std::snprintf(text, sizeof text, space.is_discrete() ? "%.0f" : "%.2f", values[i]);
    canvas.text({x, box.y + box.height - 4}, text, {11, ink::words, false, 0.5});
  }
}

/// Which of the integers was chosen.
void cells(Canvas& canvas, const Box& box, int n, const std::vector<double>& values, const char* name) {
  canvas.text({box.x, box.y + 12}, name, {12, ink::soft});
  const int shown = std::min(n, static_cast<int>(kMost));
  const double side = std::min({box.width, 30.0, (box.height - 30) / shown});
  for (int i = 0; i < shown; ++i) {
    const double y = box.y + 20 + side * i;
    const bool chosen = !values.empty() && values[0] == i;
    canvas.rectangle({box.x, y}, side - 3, side - 3, chosen ? ink::rod : ink::faint);
    canvas.text({box.x + side + 6, y + side / 2 + 3}, std::to_string(i), {11, chosen ? ink::words : ink::soft});
  }
}

}  // namespace

void draw_bars(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  const double left = 0.72 * box.width;
  bars(canvas, {box.x + 10, box.y, left - 20, box.height}, spec.observation, scene.observation, ink::body,
       "observation");
  const Box right{box.x + left + 10, box.y, box.width - left - 20, box.height};
  if (spec.action.is_discrete())
    cells(canvas, right, spec.action.n, scene.action, "action");
  else
    bars(canvas, right, spec.action, scene.action, ink::rod, "action");
}

}  // namespace pigrad::app
