#include "exercises.hpp"

double exercise::pull(double ratio, double advantage, double) {
  // Your code: when does this row stop pulling?
  return ratio * advantage;
}
