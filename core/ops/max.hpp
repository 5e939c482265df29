#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = max(a, b), with broadcast. The adjoint goes to the larger. Ties: half to each, as PyTorch, so that at equal arms
/// of one function the gradient is that of either arm. NaN in either gives NaN in y.
struct Max : Binary<Max> {
  static constexpr const char* name = "max";
  template <class S>
  PIGRAD_HD static S value(S a, S b) {
    if constexpr (is_dual<S>)
      if (a == b) return {a.v, (a.t + b.t) / 2};
    return b > a || value_of(b) != value_of(b) ? b : a;
  }
  template <class S>
  PIGRAD_HD static S partial_a(S a, S b, S) {
    return S(a > b ? Real<S>(1) : a == b ? Real<S>(0.5) : Real<S>(0));
  }
  template <class S>
  PIGRAD_HD static S partial_b(S a, S b, S) {
    return S(b > a ? Real<S>(1) : a == b ? Real<S>(0.5) : Real<S>(0));
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Max);

inline Tensor max(const Tensor& a, const Tensor& b) { return record<Max>({a, b}); }
inline std::vector<OpCase> Max::cases() { return cases_in(-2, 2, -2, 2, &pigrad::max); }

}  // namespace pigrad
