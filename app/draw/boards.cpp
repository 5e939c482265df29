#include <algorithm>
#include <cmath>

#include "families.hpp"
#include "stage.hpp"

namespace pigrad::app {

void draw_board(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene) {
  const int cells = static_cast<int>(scene.observation.size());
  const int root = static_cast<int>(std::lround(std::sqrt(cells)));
  const int columns = root > 1 && root * root == cells ? root : cells, rows = cells / columns;
  const Stage stage(canvas, box, -0.2, columns + 0.2, -0.2, rows + 0.2);
  const auto middle = [&](int cell) { return Point{cell % columns + 0.5, rows - cell / columns - 0.5}; };
  stage.rectangle(middle(cells - 1), 1, 1, {0xd5efe6});
  for (int x = 0; x <= columns; ++x)
    stage.line({static_cast<double>(x), 0}, {static_cast<double>(x), static_cast<double>(rows)}, ink::ground, 2);
  for (int y = 0; y <= rows; ++y)
    stage.line({0, static_cast<double>(y)}, {static_cast<double>(columns), static_cast<double>(y)}, ink::ground, 2);
  const auto here = std::max_element(scene.observation.begin(), scene.observation.end());
  const Point at = middle(static_cast<int>(here - scene.observation.begin()));
  stage.disc(at, 0.28, ink::body);
  if (scene.action.empty()) return;
  // On a board up, right, down, left; in a row back and on.
  const int action = static_cast<int>(scene.action[0]);
  if (rows > 1 && spec.action.n == 4) {
    constexpr double dx[] = {0, 1, 0, -1}, dy[] = {1, 0, -1, 0};
    stage.arrow(at, 0.4 * dx[action], 0.4 * dy[action], ink::rod);
  } else {
    stage.arrow(at, 0.4 * push(spec, scene), 0, ink::rod);
  }
}

void draw_target(Canvas& canvas, const Box& box, const Spec&, const Scene& scene) {
  const Stage stage(canvas, box, -2.1, 2.1, -2.1, 2.1);
  stage.rectangle({0, 0}, 2, 2, {0xeeeeee});
  for (const double end : {-2.0, 2.0}) {
    stage.line({-2, end}, {2, end}, ink::ground, 2);
    stage.line({end, -2}, {end, 2}, ink::ground, 2);
  }
  const Point target{scene.observation[0], scene.observation[1]};
  stage.disc(target, 0.16, ink::goal);
  if (scene.action.empty()) return;
  const Point shot{std::clamp(scene.action[0], -2.0, 2.0), std::clamp(scene.action[1], -2.0, 2.0)};
  stage.line(target, shot, ink::rod, 1, {4, 3});
  stage.disc(shot, 0.1, ink::rod);
}

}  // namespace pigrad::app
