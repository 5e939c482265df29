// Compiled once an exercise, with its check and its function: exercises/CMakeLists.txt.
#include <cstdio>

#include "checks.hpp"

int main() {
  const exercise::Verdict verdict = exercise::PIGRAD_CHECK(exercise::PIGRAD_FUNCTION);
  std::printf("%s: %s\n", verdict.right ? "right" : "not yet", verdict.words.c_str());
  return verdict.right ? 0 : 1;
}
