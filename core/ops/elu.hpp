#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = x for x > 0, else eˣ − 1 (Clevert 2016, α = 1). x̄ += ȳ, or ȳ (y + 1) below 0: keeps y. Limits: −1 at −∞.
struct Elu : Unary<Elu> {
  static constexpr const char* name = "elu";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    using std::expm1;
    return x > S(Real<S>(0)) ? x : expm1(x);
  }
  template <class S>
  PIGRAD_HD static S partial(S x, S y, const Attributes&) {
    const S one(Real<S>(1));
    return x > S(Real<S>(0)) ? one : y + one;
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Elu);

inline Tensor elu(const Tensor& x) { return record<Elu>({x}); }
inline std::vector<OpCase> Elu::cases() { return cases_in(-2, 2, &pigrad::elu); }

}  // namespace pigrad
