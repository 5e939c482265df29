#pragma once
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace pigrad {

/// What values a setting may take. A struct of settings lists its fields once, as calls of a visitor,
/// `v("gamma", gamma, "γ, the discount", range(0, 1))`, and files, --set, help and checks all follow from that list.
struct Constraint {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;  ///< of a word; empty: any
};

inline Constraint range(double low, double high) { return {low, high, {}}; }
inline Constraint at_least(double low) { return {low, std::numeric_limits<double>::infinity(), {}}; }
inline Constraint choices(std::vector<std::string> words) {
  Constraint c;
  c.choices = std::move(words);
  return c;
}

}  // namespace pigrad
