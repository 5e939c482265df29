#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = 1/(1 + e⁻ˣ), by e^−|x| so that it never overflows. x̄ += ȳ y (1 − y): keeps y. Limits: 0 and 1 at ∓∞.
struct Sigmoid : Unary<Sigmoid> {
  static constexpr const char* name = "sigmoid";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    using std::exp;
    const bool positive = x >= S(Real<S>(0));
    const S e = exp(positive ? -x : x);
    const S one(Real<S>(1));
    return positive ? one / (one + e) : e / (one + e);
  }
  template <class S>
  PIGRAD_HD static S partial(S, S y, const Attributes&) {
    return y * (S(Real<S>(1)) - y);
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Sigmoid);

inline Tensor sigmoid(const Tensor& x) { return record<Sigmoid>({x}); }
inline std::vector<OpCase> Sigmoid::cases() { return cases_in(-4, 4, &pigrad::sigmoid); }

}  // namespace pigrad
