#pragma once
#include "elementwise.hpp"

namespace pigrad {

/// y = ln x. x̄ += ȳ / x. Limits: ln 0 = −∞ with an infinite adjoint; a negative x gives NaN.
struct Log : Unary<Log> {
  static constexpr const char* name = "log";
  template <class S>
  PIGRAD_HD static S value(S x, const Attributes&) {
    using std::log;
    return log(x);
  }
  template <class S>
  PIGRAD_HD static S partial(S x, S, const Attributes&) {
    return S(Real<S>(1)) / x;
  }
  static std::vector<OpCase> cases();
};
PIGRAD_BUILTIN_OP(Log);

inline Tensor log(const Tensor& x) { return record<Log>({x}); }
inline std::vector<OpCase> Log::cases() { return cases_in(0.2, 3, &pigrad::log); }

}  // namespace pigrad
