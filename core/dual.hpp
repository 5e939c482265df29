#pragma once
#include <cmath>

#include "macros.hpp"

namespace pigrad {

/// A forward-mode dual number v + t·ε with ε² = 0: a value and its derivative along one direction.
/// Run through a vjp it gives the derivative of a gradient, so dual over reverse is a Hessian-vector product.
/// Source: Pearlmutter 1994, "Fast exact multiplication by the Hessian".
template <class T>
struct Dual {
  T v{}, t{};
  Dual() = default;
  PIGRAD_HD Dual(T value, T tangent) : v(value), t(tangent) {}
  PIGRAD_HD explicit Dual(T value) : v(value) {}
};

/// The real scalar under S: T for T and for Dual<T>.
template <class S>
struct RealOf {
  using type = S;
};
template <class T>
struct RealOf<Dual<T>> {
  using type = T;
};
template <class S>
using Real = typename RealOf<S>::type;

template <class S>
inline constexpr bool is_dual = !__is_same(S, Real<S>);

// clang-format off
template <class T> PIGRAD_HD Dual<T> operator+(Dual<T> a, Dual<T> b) { return {a.v + b.v, a.t + b.t}; }
template <class T> PIGRAD_HD Dual<T> operator-(Dual<T> a, Dual<T> b) { return {a.v - b.v, a.t - b.t}; }
template <class T> PIGRAD_HD Dual<T> operator-(Dual<T> a) { return {-a.v, -a.t}; }
template <class T> PIGRAD_HD Dual<T> operator*(Dual<T> a, Dual<T> b) { return {a.v * b.v, a.t * b.v + a.v * b.t}; }
template <class T> PIGRAD_HD Dual<T> operator/(Dual<T> a, Dual<T> b) {
  const T q = a.v / b.v;
  return {q, (a.t - q * b.t) / b.v};
}
template <class T> PIGRAD_HD Dual<T>& operator+=(Dual<T>& a, Dual<T> b) { return a = a + b; }
template <class T> PIGRAD_HD bool operator<(Dual<T> a, Dual<T> b) { return a.v < b.v; }
template <class T> PIGRAD_HD bool operator>(Dual<T> a, Dual<T> b) { return a.v > b.v; }
template <class T> PIGRAD_HD bool operator<=(Dual<T> a, Dual<T> b) { return a.v <= b.v; }
template <class T> PIGRAD_HD bool operator>=(Dual<T> a, Dual<T> b) { return a.v >= b.v; }
template <class T> PIGRAD_HD bool operator==(Dual<T> a, Dual<T> b) { return a.v == b.v; }
template <class T> PIGRAD_HD Dual<T> exp(Dual<T> x) { const T e = std::exp(x.v); return {e, e * x.t}; }
template <class T> PIGRAD_HD Dual<T> expm1(Dual<T> x) { return {std::expm1(x.v), std::exp(x.v) * x.t}; }
template <class T> PIGRAD_HD Dual<T> log(Dual<T> x) { return {std::log(x.v), x.t / x.v}; }
template <class T> PIGRAD_HD Dual<T> log1p(Dual<T> x) { return {std::log1p(x.v), x.t / (T(1) + x.v)}; }
template <class T> PIGRAD_HD Dual<T> tanh(Dual<T> x) { const T y = std::tanh(x.v); return {y, (T(1) - y * y) * x.t}; }
template <class T> PIGRAD_HD Dual<T> sqrt(Dual<T> x) { const T y = std::sqrt(x.v); return {y, x.t / (T(2) * y)}; }
// clang-format on

/// The real part: the value of a dual, a real itself.
template <class T>
PIGRAD_HD T value_of(Dual<T> x) {
  return x.v;
}
PIGRAD_HD inline float value_of(float x) { return x; }
PIGRAD_HD inline double value_of(double x) { return x; }

}  // namespace pigrad
