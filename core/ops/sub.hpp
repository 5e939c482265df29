#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = a − b, with broadcast. ā += ȳ, b̄ −= ȳ.
struct Sub : Binary<Sub> {
  static constexpr const char* name = "sub";
  static constexpr Linearity linearity = Linearity::all;
  template <class S>
  PIGRAD_HD static S value(S a, S b) {
    return a - b;
  }
  template <class S>
  PIGRAD_HD static S partial_a(S, S, S) {
    return S(Real<S>(1));
  }
  template <class S>
  PIGRAD_HD static S partial_b(S, S, S) {
    return S(Real<S>(-1));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Sub);

inline Tensor operator-(const Tensor& a, const Tensor& b) { return record<Sub>({a, b}); }
inline Tensor operator-(const Tensor& a, double b) { return a - a.tape().constant(b); }
inline Tensor operator-(double a, const Tensor& b) { return b.tape().constant(a) - b; }
inline std::vector<OpCase> Sub::cases() { return cases_in(-2, 2, -2, 2, operator-); }

}  // namespace pigrad
