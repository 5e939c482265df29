#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = max(x, 0). x̄ += ȳ where x > 0. Ties: the adjoint at 0 is 0. A NaN stays NaN.
struct Relu : Unary<Relu> {
  static constexpr const char* name = "relu";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    const S zero(Real<S>(0));
    return x <= zero ? zero : x;
  }
  template <class S>
  PIGRAD_HD static S partial(S x, S, const Attributes&) {
    return S(x > S(Real<S>(0)) ? Real<S>(1) : Real<S>(0));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Relu);

inline Tensor relu(const Tensor& x) { return record<Relu>({x}); }
inline std::vector<OpCase> Relu::cases() { return cases_in(-2, 2, &pigrad::relu); }

}  // namespace pigrad
