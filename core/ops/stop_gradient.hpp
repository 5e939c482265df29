#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = x, with neither adjoint nor tangent: the loss takes y for a constant.
struct StopGradient {
  static constexpr const char* name = "stop_gradient";
  static constexpr int operands = 1;
  static constexpr unsigned differentiable = 0;
  static Shape shape(const Shape* in, const Attributes&) { return in[0]; }
  template <class S>
  PIGRAD_HD static S value(S x) {
    return S(value_of(x));
  }
  template <class S>
  static void forward(const Call<S>& call) {
    for (int c = 0; c < call.columns; ++c)
      for (int r = 0; r < call.rows; ++r) call.out.set(c, r, value(call.in[0].get(c, r)));
  }
  template <class S>
  static void vjp(const Call<S>&) {}
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(StopGradient);

inline Tensor stop_gradient(const Tensor& x) { return record<StopGradient>({x}); }

inline std::vector<OpCase> StopGradient::cases() {
  return {{"batch", {{Shape::batch(3)}}, [](const std::vector<Tensor>& x) { return stop_gradient(x[0]); }}};
}

}  // namespace pigrad
