#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = a ∘ b (Hadamard), with broadcast. ā += ȳ b, b̄ += ȳ a.
struct Mul : Binary<Mul> {
  static constexpr const char* name = "mul";
  static constexpr Linearity linearity = Linearity::product;
  template <class S>
  PIGRAD_HD static S value(S a, S b) {
    return a * b;
  }
  template <class S>
  PIGRAD_HD static S partial_a(S, S b, S) {
    return b;
  }
  template <class S>
  PIGRAD_HD static S partial_b(S a, S, S) {
    return a;
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Mul);

inline Tensor operator*(const Tensor& a, const Tensor& b) { return record<Mul>({a, b}); }
inline Tensor operator*(const Tensor& a, double b) { return a * a.tape().constant(b); }
inline Tensor operator*(double a, const Tensor& b) { return b.tape().constant(a) * b; }
inline std::vector<OpCase> Mul::cases() { return cases_in(-2, 2, -2, 2, operator*); }

}  // namespace pigrad
