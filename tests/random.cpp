#include <doctest/doctest.h>

#include <pigrad/core/random.hpp>

using namespace pigrad;

TEST_CASE("threefry2x32 gives the known answers of its paper's library") {
  auto z = threefry2x32(0, 0, 0, 0);
  CHECK(z.a == 0x6b200159u);
  CHECK(z.b == 0x99ba4efeu);
  auto f = threefry2x32(~0u, ~0u, ~0u, ~0u);
  CHECK(f.a == 0x1cb996fcu);
  CHECK(f.b == 0xbb002be7u);
  auto p = threefry2x32(0x13198a2eu, 0x03707344u, 0x243f6a88u, 0x85a308d3u);
  CHECK(p.a == 0xc4923a9cu);
  CHECK(p.b == 0x483df7a0u);
}
