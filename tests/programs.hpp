#pragma once
#include <pigrad/core/ops.hpp>
#include <string>
#include <vector>

namespace pigrad_test {

/// A Gaussian policy's loss with a row of log-stds, and its parts as outputs.
inline pigrad::Program gaussian_program() {
  using namespace pigrad;
  ParameterLayout layout;
  layout.add("w1", 8, 4), layout.add("b1", 1, 8), layout.add("w2", 3, 8), layout.add("b2", 1, 3);
  layout.add("log_std", 1, 3), layout.add("unread", 2, 2);
  Tape t(layout);
  const Tensor x = t.input("x", 4), action = t.input("action", 3), advantage = t.input("advantage", 1);
  const Tensor h = tanh(affine(x, t.parameter("w1"), t.parameter("b1")));
  const Tensor y = affine(h, t.parameter("w2"), t.parameter("b2"));
  const Tensor s = t.parameter("log_std");
  const Tensor z = (action - y) / exp(s);
  const Tensor log_prob = sum(-0.5 * square(z) - s, Axis::columns);
  return t.program(sum(-log_prob * advantage), {{"y", y}, {"log_prob", log_prob}});
}

/// A categorical policy with one hidden layer applied twice.
inline pigrad::Program shared_program() {
  using namespace pigrad;
  ParameterLayout layout;
  layout.add("in", 5, 4), layout.add("zero", 1, 5), layout.add("w", 5, 5), layout.add("b", 1, 5);
  layout.add("out", 5, 3);
  Tape t(layout);
  const Tensor x = t.input("x", 4), advantage = t.input("advantage", 1), action = t.index("action");
  Tensor h = relu(affine(x, t.parameter("in"), t.parameter("zero")));
  for (int i = 0; i < 2; ++i) h = elu(affine(h, t.parameter("w"), t.parameter("b")));
  const Tensor log_p = log_softmax(matmul(h, t.parameter("out")));
  const Tensor entropy = -sum(exp(log_p) * log_p, Axis::columns);
  const Tensor ratio = exp(gather(log_p, action) + 1.0);
  const Tensor clipped = min(ratio * advantage, clamp(ratio, 0.8, 1.2) * advantage);
  return t.program(sum(-clipped - 0.01 * entropy), {{"log_p", log_p}, {"entropy", entropy}});
}

/// A weight that passes through a function before it is used: every sample runs by itself.
inline pigrad::Program squashed_program() {
  using namespace pigrad;
  ParameterLayout layout;
  layout.add("w", 3, 4), layout.add("b", 1, 3);
  Tape t(layout);
  const Tensor x = t.input("x", 4);
  const Tensor y = softplus(affine(x, tanh(t.parameter("w")), t.parameter("b")));
  return t.program(sum(square(y)), {{"y", y}});
}

struct NamedProgram {
  std::string name;
  pigrad::Program program;
};

inline std::vector<NamedProgram> row_local_programs() {
  return {{"gaussian", gaussian_program()}, {"shared", shared_program()}, {"squashed", squashed_program()}};
}

/// A value normalised by its own batch.
inline pigrad::Program normalised_program() {
  using namespace pigrad;
  ParameterLayout layout;
  layout.add("w", 2, 3), layout.add("b", 1, 2);
  Tape t(layout);
  const Tensor x = t.input("x", 3), target = t.input("target", 2);
  const Tensor v = affine(x, t.parameter("w"), t.parameter("b"));
  const Tensor centred = v - mean(v, Axis::rows);
  const Tensor unit = centred / sqrt(mean(square(centred), Axis::rows) + 0.1);
  return t.program(mean(square(unit - target)), {{"unit", unit}});
}

}  // namespace pigrad_test
