#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = min(max(x, low), high). x̄ += ȳ where low ≤ x ≤ high: ties at a limit pass the adjoint, as PyTorch. NaN stays
/// NaN.
struct Clamp : Unary<Clamp> {
  static constexpr const char* name = "clamp";
  static Shape shape(const Shape* in, const Attributes& limits) {
    if (!(limits.low <= limits.high))
      throw Error(name, "limits " + std::to_string(limits.low) + " and " + std::to_string(limits.high),
                  "give low ≤ high");
    return in[0];
  }
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes& limits) {
    const S low(static_cast<Real<S>>(limits.low)), high(static_cast<Real<S>>(limits.high));
    return x < low ? low : x > high ? high : x;
  }
  template <class S>
  PIGRAD_HD static S partial(S x, S, const Attributes& limits) {
    const S low(static_cast<Real<S>>(limits.low)), high(static_cast<Real<S>>(limits.high));
    return S(x >= low && x <= high ? Real<S>(1) : Real<S>(0));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Clamp);

inline Tensor clamp(const Tensor& x, double low, double high) {
  Attributes limits;
  limits.low = low;
  limits.high = high;
  return record<Clamp>({x}, limits);
}
inline std::vector<OpCase> Clamp::cases() {
  return cases_in(-2, 2, [](const Tensor& x) { return clamp(x, -0.7, 0.9); });
}

}  // namespace pigrad
