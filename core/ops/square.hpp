#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = x². x̄ += 2 ȳ x.
struct Square : Unary<Square> {
  static constexpr const char* name = "square";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    return x * x;
  }
  template <class S>
  PIGRAD_HD static S partial(S x, S, const Attributes&) {
    return x + x;
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Square);

inline Tensor square(const Tensor& x) { return record<Square>({x}); }
inline std::vector<OpCase> Square::cases() { return cases_in(-2, 2, &pigrad::square); }

}  // namespace pigrad
