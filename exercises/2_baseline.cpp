#include "exercises.hpp"

std::vector<double> exercise::leave_one_out(const std::vector<double>& returns) {
  std::vector<double> psi = returns;
  // Your code: from each return, take the mean of all the others.
  return psi;
}
