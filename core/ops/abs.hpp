#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = |x|. x̄ += ȳ sign x. Ties: the adjoint at 0 is 0.
struct Abs : Unary<Abs> {
  static constexpr const char* name = "abs";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    return x < S(Real<S>(0)) ? -x : x;
  }
  template <class S>
  PIGRAD_HD static S partial(S x, S, const Attributes&) {
    const S zero(Real<S>(0));
    return S(x > zero ? Real<S>(1) : x < zero ? Real<S>(-1) : Real<S>(0));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Abs);

inline Tensor abs(const Tensor& x) { return record<Abs>({x}); }
inline std::vector<OpCase> Abs::cases() { return cases_in(-2, 2, &pigrad::abs); }

}  // namespace pigrad
