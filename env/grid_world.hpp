#pragma once
#include "dynamics.hpp"
#include "spec.hpp"

namespace pigrad {

/// A 4×4 board; walk to its last corner.
///
/// | | |
/// |---|---|
/// | Observation | box[16]: one-hot of the cell, row by row |
/// | Action | discrete(4): up, right, down, left; a wall keeps you where you are |
/// | Reward | 1 on reaching the goal (row 3, column 3), else 0 |
/// | Start | uniform over the 15 other cells |
/// | Termination | at the goal |
/// | Limit | 64 steps |
///
/// The best policy has V(cell) = γᵈ⁻¹ with d the steps to the goal (rows plus columns to go). Source: ours.
struct GridWorld {
  static constexpr int side = 4;
  template <class T>
  struct State {
    T row, column;
  };
  template <class T>
  struct Params {};
  static constexpr int observation_size = side * side;
  static constexpr int action_size = 0;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws& draws) {
    const int cell = draws.below(0, side * side - 1);
    return {static_cast<T>(cell / side), static_cast<T>(cell % side)};
  }
  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>&, State<T>& s, std::int32_t action) {
    const T last = T(side - 1);
    const T row = s.row + (action == 2 ? T(1) : T(0)) - (action == 0 ? T(1) : T(0));
    const T column = s.column + (action == 1 ? T(1) : T(0)) - (action == 3 ? T(1) : T(0));
    s.row = row < T(0) ? T(0) : (row > last ? last : row);
    s.column = column < T(0) ? T(0) : (column > last ? last : column);
    const bool goal = (s.row == last) & (s.column == last);
    return {goal ? T(1) : T(0), goal};
  }
  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>& s, T* obs, std::ptrdiff_t stride) {
    const T cell = s.row * T(side) + s.column;
    for (int k = 0; k < observation_size; ++k) obs[k * stride] = cell == static_cast<T>(k) ? T(1) : T(0);
  }

  static Spec spec() {
    Spec spec;
    spec.id = "GridWorld-v0";
    spec.observation = Space::box(observation_size, 0, 1);
    spec.action = Space::discrete(4);
    spec.max_steps = 64;
    spec.reward_threshold = 1;
    spec.best_return = 1;
    spec.description = "walk to the last corner of a 4x4 board: 1 on arrival";
    return spec;
  }
};

}  // namespace pigrad
