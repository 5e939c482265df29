#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = tanh x. x̄ += ȳ (1 − y²): keeps y. Limits: ±1 at ±∞ with adjoint 0.
struct Tanh : Unary<Tanh> {
  static constexpr const char* name = "tanh";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    using std::tanh;
    return tanh(x);
  }
  template <class S>
  PIGRAD_HD static S partial(S, S y, const Attributes&) {
    return S(Real<S>(1)) - y * y;
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Tanh);

inline Tensor tanh(const Tensor& x) { return record<Tanh>({x}); }
inline std::vector<OpCase> Tanh::cases() { return cases_in(-3, 3, &pigrad::tanh); }

}  // namespace pigrad
