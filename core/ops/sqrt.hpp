#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = √x. x̄ += ȳ / (2y): keeps y. Limits: at 0 the adjoint is infinite; a negative x gives NaN.
struct Sqrt : Unary<Sqrt> {
  static constexpr const char* name = "sqrt";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    using std::sqrt;
    return sqrt(x);
  }
  template <class S>
  PIGRAD_HD static S partial(S, S y, const Attributes&) {
    return S(Real<S>(0.5)) / y;
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Sqrt);

inline Tensor sqrt(const Tensor& x) { return record<Sqrt>({x}); }
inline std::vector<OpCase> Sqrt::cases() { return cases_in(0.2, 3, &pigrad::sqrt); }

}  // namespace pigrad
