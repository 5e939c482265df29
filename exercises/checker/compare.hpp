#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <vector>

#include "checks.hpp"

namespace exercise {

/// A number as a learner reads it.
inline std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return text;
}

inline std::string list(const std::vector<double>& values) {
  std::string text = "{";
  for (const double x : values) text += (text.size() > 1 ? ", " : "") + number(x);
  return text + "}";
}

/// Differences beyond rounding; NaN differs from everything.
inline bool differs(double yours, double right) {
  return !(std::abs(yours - right) <= 1e-9 * std::max(1.0, std::abs(right)));
}

/// A mistake that people make, and what it would have given.
struct Suspect {
  std::vector<double> gives;
  const char* why;
};

/// Compares a result with the right one. Where they differ, the first suspect with the same numbers is named.
inline Verdict compare(const std::string& call, const std::vector<double>& yours, const std::vector<double>& right,
                       std::initializer_list<Suspect> suspects = {}, const char* else_why = "") {
  if (yours.size() != right.size())
    return {false, call + " has " + std::to_string(yours.size()) + " numbers, and " + std::to_string(right.size()) +
                       " are asked for."};
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (!differs(yours[i], right[i])) continue;
    std::string words = call + ", number " + std::to_string(i) + ": yours is " + number(yours[i]) + ", right is " +
                        number(right[i]) + ".";
    for (const Suspect& suspect : suspects) {
      bool same = suspect.gives.size() == yours.size();
      for (std::size_t k = 0; same && k < yours.size(); ++k) same = !differs(yours[k], suspect.gives[k]);
      if (same) return {false, words + "\n" + suspect.why};
    }
    return {false, words + (*else_why ? "\n" : "") + else_why};
  }
  return {};
}

/// Uniform in [low, high), the same in every run.
class Draws {
 public:
  double operator()(double low, double high) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * static_cast<double>(state_ >> 11) * 0x1p-53;
  }
  bool coin(double probability) { return (*this)(0, 1) < probability; }

 private:
  std::uint64_t state_ = 20;
};

}  // namespace exercise
