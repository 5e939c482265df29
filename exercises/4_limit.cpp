#include "exercises.hpp"

std::vector<double> exercise::next_values(const std::vector<Transition>& steps, double) {
  std::vector<double> next(steps.size(), 0.0);
  // Your code: the table of docs/book/ends.md.
  return next;
}
