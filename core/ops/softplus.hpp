#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). x̄ += ȳ σ(x) = ȳ (1 − e⁻ʸ): keeps y. Limits: 0 at −∞, x at +∞.
struct Softplus : Unary<Softplus> {
  static constexpr const char* name = "softplus";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    using std::exp;
    using std::log1p;
    const S zero(Real<S>(0));
    return x > zero ? x + log1p(exp(-x)) : log1p(exp(x));
  }
  template <class S>
  PIGRAD_HD static S partial(S, S y, const Attributes&) {
    using std::expm1;
    return -expm1(-y);
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Softplus);

inline Tensor softplus(const Tensor& x) { return record<Softplus>({x}); }
inline std::vector<OpCase> Softplus::cases() { return cases_in(-4, 4, &pigrad::softplus); }

}  // namespace pigrad
