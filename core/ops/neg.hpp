#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = −x. x̄ −= ȳ.
struct Neg : Unary<Neg> {
  static constexpr const char* name = "neg";
  static constexpr Linearity linearity = Linearity::all;
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    return -x;
  }
  template <class S>
  PIGRAD_HD static S partial(S, S, const Attributes&) {
    return S(Real<S>(-1));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Neg);

inline Tensor operator-(const Tensor& x) { return record<Neg>({x}); }
inline std::vector<OpCase> Neg::cases() { return cases_in(-2, 2, operator-); }

}  // namespace pigrad
