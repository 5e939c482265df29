#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = a / b, with broadcast. ā += ȳ / b, b̄ −= ȳ y / b: keeps y. Limits: a / 0 is ±∞, 0 / 0 is NaN.
struct Div : Binary<Div> {
  static constexpr const char* name = "div";
  static constexpr Linearity linearity = Linearity::first_only;
  template <class S>
  PIGRAD_HD static S value(S a, S b) {
    return a / b;
  }
  template <class S>
  PIGRAD_HD static S partial_a(S, S b, S) {
    return S(Real<S>(1)) / b;
  }
  template <class S>
  PIGRAD_HD static S partial_b(S, S b, S y) {
    return -(y / b);
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Div);

inline Tensor operator/(const Tensor& a, const Tensor& b) { return record<Div>({a, b}); }
inline Tensor operator/(const Tensor& a, double b) { return a / a.tape().constant(b); }
inline Tensor operator/(double a, const Tensor& b) { return b.tape().constant(a) / b; }
inline std::vector<OpCase> Div::cases() { return cases_in(-2, 2, 0.5, 2, operator/); }

}  // namespace pigrad
