#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = a where condition > 0, else b; all three broadcast. Row-local.
/// ā += ȳ where taken, b̄ += ȳ elsewhere; the arm that is not taken gets exactly 0, and the condition no adjoint. A NaN
/// condition counts as false.
struct Where {
  static constexpr const char* name = "where";
  static constexpr int operands = 3;
  static constexpr unsigned differentiable = 0b110;

  static Shape shape(const Shape* in, const Attributes&) {
    return broadcast_shape(name, in[0], broadcast_shape(name, in[1], in[2]));
  }
  template <class S>
  PIGRAD_HD static bool taken(S condition) {
    return condition > S(Real<S>(0));
  }
  template <class S>
  static void forward(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) call.out.set(c, r, call.in[taken(call.in[0].get(c, r)) ? 1 : 2].get(c, r));
  }
  template <class S>
  static void vjp(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) {
        const Panel<S>& arm = call.in_bar[taken(call.in[0].get(c, r)) ? 1 : 2];
        if (arm) arm.add(c, r, call.out_bar.get(c, r));
      }
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Where);

/// a where condition > 0, else b.
inline Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  return record<Where>({condition, a, b});
}
inline std::vector<OpCase> Where::cases() {
  const auto apply = [](const std::vector<Tensor>& x) { return where(x[0], x[1], x[2]); };
  return {{"equal", {{Shape::batch(3)}, {Shape::batch(3)}, {Shape::batch(3)}}, apply},
          {"column condition, row arm", {{Shape::batch(1)}, {Shape::batch(3)}, {{1, 3}}}, apply}};
}

}  // namespace pigrad
