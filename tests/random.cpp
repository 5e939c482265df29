#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <pigrad/core/random.hpp>
#include <set>
#include <vector>

using namespace pigrad;

TEST_CASE("threefry2x32 gives the known answers of its paper's library") {
  const Bits z = threefry2x32(0, 0, 0, 0);
  CHECK(z.a == 0x6b200159u);
  CHECK(z.b == 0x99ba4efeu);
  const Bits f = threefry2x32(~0u, ~0u, ~0u, ~0u);
  CHECK(f.a == 0x1cb996fcu);
  CHECK(f.b == 0xbb002be7u);
  const Bits p = threefry2x32(0x13198a2eu, 0x03707344u, 0x243f6a88u, 0x85a308d3u);
  CHECK(p.a == 0xc4923a9cu);
  CHECK(p.b == 0x483df7a0u);
}

TEST_CASE("uniforms stay in [0, 1) at the ends of the words") {
  CHECK(uniform01<float>(0) == 0);
  CHECK(uniform01<float>(~0u) < 1);
  CHECK(uniform01<float>(~0u) == 1 - 1.0f / 16777216);
  CHECK(uniform01_wide({0, 0}) == 0);
  CHECK(uniform01_wide({~0u, ~0u}) < 1);
  CHECK(uniform01_wide({0, 2048}) > 0);
}

TEST_CASE("normals are finite at the ends of the words and bounded as promised") {
  for (const std::uint32_t a : {0u, 1u, 0x80000000u, ~0u})
    for (const std::uint32_t b : {0u, 0x40000000u, ~0u}) {
      const auto z = normal_pair<float>({a, b});
      CHECK(std::isfinite(z.first));
      CHECK(std::isfinite(z.second));
      CHECK(std::abs(z.first) < 6.77f);
      CHECK(std::abs(z.second) < 6.77f);
    }
  CHECK(normal_pair<double>({0, 0}).first > 6.6);
  CHECK(normal_pair<double>({0, 0x40000000u}).second > 6.6);
}

TEST_CASE_TEMPLATE("uniforms have the moments of the uniform, normals those of the normal", T, float, double) {
  constexpr int count = 400000;
  const Random random(3, Purpose::test);
  double u1 = 0, u2 = 0, z1 = 0, z2 = 0, z3 = 0, z4 = 0, across = 0, tail = 0, far = 0;
  for (int i = 0; i < count; ++i) {
    const auto u = static_cast<double>(random.uniform<T>(1, static_cast<std::uint64_t>(i)));
    REQUIRE((u >= 0 && u < 1));
    const auto pair = normal_pair<T>(random(2, static_cast<std::uint64_t>(i)));
    const auto z = static_cast<double>(pair.first);
    u1 += u, u2 += u * u;
    z1 += z, z2 += z * z, z3 += z * z * z, z4 += z * z * z * z;
    across += z * static_cast<double>(pair.second);
    tail += std::abs(z) > 1.959963984540054;
    far += std::abs(z) > 3.290526731491926;
  }
  // Each bound is 4.5 standard errors of its mean.
  const double e = 4.5 / std::sqrt(count);
  CHECK(std::abs(u1 / count - 0.5) < e * std::sqrt(1.0 / 12));
  CHECK(std::abs(u2 / count - 1.0 / 3) < e * std::sqrt(4.0 / 45));
  CHECK(std::abs(z1 / count) < e);
  CHECK(std::abs(z2 / count - 1) < e * std::sqrt(2.0));
  CHECK(std::abs(z3 / count) < e * std::sqrt(15.0));
  CHECK(std::abs(z4 / count - 3) < e * std::sqrt(96.0));
  CHECK(std::abs(across / count) < e);
  CHECK(std::abs(tail / count - 0.05) < e * std::sqrt(0.05 * 0.95));
  CHECK(std::abs(far / count - 0.001) < e * std::sqrt(0.001));
}

namespace {

/// χ² of pairs (x, y) of uniforms in 16 × 16 cells; 255 degrees of freedom.
template <class Draw>
double chi_square(Draw&& draw) {
  constexpr int count = 1 << 17;
  std::vector<int> cells(256, 0);
  for (int i = 0; i < count; ++i) {
    const auto [x, y] = draw(static_cast<std::uint32_t>(i));
    ++cells[static_cast<std::size_t>(x * 16) * 16 + static_cast<std::size_t>(y * 16)];
  }
  double sum = 0;
  for (const int n : cells) sum += (n - count / 256.0) * (n - count / 256.0) / (count / 256.0);
  return sum;
}

struct Pair {
  float x, y;
};

}  // namespace

TEST_CASE("neighbouring counters, streams, seeds and purposes are independent") {
  const Random a(1, Purpose::action), b(1, Purpose::reset), c(2, Purpose::action), d(1ull << 32 | 1, Purpose::action);
  const auto fits = [](double chi) {
    CHECK(chi > 162);
    CHECK(chi < 368);
  };
  fits(chi_square([&](std::uint32_t i) { return Pair{a.uniform<float>(0, i), a.uniform<float>(0, i + 1)}; }));
  fits(chi_square([&](std::uint32_t i) { return Pair{a.uniform<float>(i, 0), a.uniform<float>(i + 1, 0)}; }));
  fits(chi_square([&](std::uint32_t i) { return Pair{a.uniform<float>(i, 7), a.uniform<float>(i, 8)}; }));
  fits(chi_square([&](std::uint32_t i) { return Pair{a.uniform<float>(0, i), b.uniform<float>(0, i)}; }));
  fits(chi_square([&](std::uint32_t i) { return Pair{a.uniform<float>(0, i), c.uniform<float>(0, i)}; }));
  fits(chi_square([&](std::uint32_t i) { return Pair{a.uniform<float>(0, i), d.uniform<float>(0, i)}; }));
  fits(chi_square([&](std::uint32_t i) {
    return Pair{a.uniform<float>(0, i), a.uniform<float>(0, i + (1ull << 32))};
  }));
  fits(chi_square([&](std::uint32_t i) {
    const Bits bits = a(0, i);
    return Pair{uniform01<float>(bits.a), uniform01<float>(bits.b)};
  }));
}

TEST_CASE("the same key gives the same bits, and no two keys nearby share them") {
  const Random random(42, Purpose::dynamics), again(42, Purpose::dynamics);
  std::set<std::uint64_t> seen;
  const auto word = [](Bits bits) { return static_cast<std::uint64_t>(bits.a) << 32 | bits.b; };
  for (std::uint32_t stream = 0; stream < 50; ++stream)
    for (std::uint64_t counter = 0; counter < 50; ++counter) {
      CHECK(word(random(stream, counter)) == word(again(stream, counter)));
      seen.insert(word(random(stream, counter)));
      seen.insert(word(random(stream, counter + (7ull << 32))));
      seen.insert(word(Random(43, Purpose::dynamics)(stream, counter)));
      seen.insert(word(Random(42, Purpose::shuffle)(stream, counter)));
    }
  CHECK(seen.size() == 4 * 2500);
}
