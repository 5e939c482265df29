#pragma once
#include "../core/macros.hpp"

namespace pigrad {

/// x, but within [low, high].
template <class T>
PIGRAD_HD inline T clamped(T x, T low, T high) {
  return x < low ? low : (x > high ? high : x);
}

/// Is x a number that float holds exactly?
template <class T>
PIGRAD_HD inline bool fits_float(T x) {
  return static_cast<T>(static_cast<float>(x)) == x;
}

/// x, rounded to float where `narrow`. One +, −, × or / of two floats taken in double and then rounded so has the bits
/// that float arithmetic gives: double has more than twice float's digits.
template <class T>
PIGRAD_HD inline T rounded(bool narrow, T x) {
  return narrow ? static_cast<T>(static_cast<float>(x)) : x;
}

}  // namespace pigrad
