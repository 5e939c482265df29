#include <cmath>

#include "exercises.hpp"

std::vector<double> exercise::score(const std::vector<double>& logits, int) {
  // Your code: ∂ ln π(action) / ∂z_b for every logit b.
  return std::vector<double>(logits.size(), 0.0);
}
