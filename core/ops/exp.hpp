#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = eˣ. x̄ += ȳ y: keeps y. Limits: e^−∞ = 0 with adjoint 0.
struct Exp : Unary<Exp> {
  static constexpr const char* name = "exp";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    using std::exp;
    return exp(x);
  }
  template <class S>
  PIGRAD_HD static S partial(S, S y, const Attributes&) {
    return y;
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Exp);

inline Tensor exp(const Tensor& x) { return record<Exp>({x}); }
inline std::vector<OpCase> Exp::cases() { return cases_in(-2, 2, &pigrad::exp); }

}  // namespace pigrad
