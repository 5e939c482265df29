#pragma once
#include <cstdint>

namespace pigrad::bench {

/// The update that contenders race on: separate actor 4-64-64-2 and critic 4-64-64-1, tanh,
/// L = −mean(ln π(a|s) Â) + ½ mean (V(s) − R)² − 0.01 mean H(π(·|s)), then Adam at learning rate 3e-4.
struct UpdateShape {
  static constexpr int features = 4, hidden = 64, actions = 2;
  static constexpr double value_weight = 0.5, entropy_bonus = 0.01, learning_rate = 3e-4;
};

/// What varies of it: the hidden layers' width, and a Gaussian head over two real actions with a learned log-std.
struct UpdateKind {
  const char* name = "";  ///< before a case's title
  int hidden = UpdateShape::hidden;
  bool gaussian = false;
};

/// The minibatch in the caller's memory.
template <class T>
struct UpdateView {
  int rows = 0;
  const T* obs = nullptr;                ///< [4 × rows], feature by feature
  const std::int32_t* action = nullptr;  ///< [rows]
  const T* box = nullptr;                ///< [2 × rows], real actions
  const T* advantage = nullptr;          ///< [rows]
  const T* target = nullptr;             ///< [rows]
};

}  // namespace pigrad::bench
