#pragma once
#include "scene.hpp"

namespace pigrad::app {

// Each reads the observation as the environment's header lists it.

void draw_cartpole(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
void draw_swingup(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
void draw_inverted_pendulum(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
void draw_inverted_double_pendulum(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
void draw_pendulum(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
void draw_mountain_car(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
void draw_acrobot(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
/// Cells of a one-hot observation: a square number of them as a board, else in a row.
void draw_board(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
void draw_target(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);
/// A bar for each number of the observation and of the action: for every environment without a drawing of its own.
void draw_bars(Canvas& canvas, const Box& box, const Spec& spec, const Scene& scene);

}  // namespace pigrad::app
