#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <pigrad/rl/shuffle.hpp>

using namespace pigrad;

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::vector<std::int32_t> shuffled(int n, std::uint32_t stream, std::uint64_t seed = 3) {
  std::vector<std::int32_t> rows(at(n));
  std::iota(rows.begin(), rows.end(), 0);
  shuffle(rows, Random(seed, Purpose::shuffle), stream);
  return rows;
}

/// How many deviations χ² of equally likely counts is above its mean.
double surprise(const std::vector<int>& counts, double degrees) {
  const double expected =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), 0)) / static_cast<double>(counts.size());
  double chi = 0;
  for (const int count : counts) chi += (count - expected) * (count - expected) / expected;
  return (chi - degrees) / std::sqrt(2 * degrees);
}

constexpr double unlikely = 5;

}  // namespace

TEST_CASE("an order is a permutation, whatever the number of rows, and each place is found by itself") {
  std::vector<int> sizes(3000);
  std::iota(sizes.begin(), sizes.end(), 1);
  sizes.insert(sizes.end(), {4095, 4096, 4097, 65536, 131072, 1000003});
  for (const int n : sizes) {
    const auto stream = static_cast<std::uint32_t>(n);
    const auto rows = shuffled(n, stream);
    REQUIRE(std::all_of(rows.begin(), rows.end(), [n](std::int32_t row) { return row >= 0 && row < n; }));
    std::vector<char> seen(at(n));
    for (const std::int32_t row : rows) seen[at(row)] = 1;
    CHECK(std::count(seen.begin(), seen.end(), 1) == n);
    const Permutation p(static_cast<std::uint32_t>(n), Random(3, Purpose::shuffle), stream);
    for (int i = 0; i < n; i += 1 + n / 10)
      CHECK(p(static_cast<std::uint32_t>(i)) == static_cast<unsigned>(rows[at(i)]));
  }
  CHECK(shuffled(0, 1).empty());
}

TEST_CASE("rows that are not counted from 0 are moved as they are") {
  std::vector<std::int32_t> rows = {50, 7, 90, 7, -4}, before = rows, again = rows;
  shuffle(rows, Random(3, Purpose::shuffle), 8);
  shuffle(again, Random(3, Purpose::shuffle), 8);
  CHECK(rows == again);
  std::sort(rows.begin(), rows.end());
  std::sort(before.begin(), before.end());
  CHECK(rows == before);
}

TEST_CASE("of few rows every order is as likely as any other") {
  for (const int n : {2, 3, 4, 5, 6}) {
    CAPTURE(n);
    int orders = 1;
    for (int i = 2; i <= n; ++i) orders *= i;
    std::map<std::vector<std::int32_t>, int> found;
    for (std::uint32_t k = 0; k < static_cast<std::uint32_t>(60 * orders); ++k) ++found[shuffled(n, k)];
    std::vector<int> counts;
    for (const auto& [order, count] : found) counts.push_back(count);
    REQUIRE(static_cast<int>(counts.size()) == orders);
    CHECK(std::abs(surprise(counts, orders - 1)) < unlikely);
  }
}

TEST_CASE("every row is as likely at every place, and so are pairs of rows at pairs of places") {
  for (const int n : {7, 15, 16, 17, 48, 100}) {
    CAPTURE(n);
    constexpr int orders = 30000;
    std::vector<int> places(at(n * n)), apart(at(n - 1));
    std::vector<std::vector<int>> pairs(4, std::vector<int>(at(n * n)));
    const int beside[4][2] = {{0, 1}, {0, n - 1}, {n / 2, n / 2 + 1}, {n / 4, 3 * n / 4}};
    for (std::uint32_t k = 0; k < orders; ++k) {
      const auto rows = shuffled(n, k);
      for (int i = 0; i < n; ++i) ++places[at(i * n + rows[at(i)])];
      for (int i = 0; i + 1 < n; ++i) ++apart[at((rows[at(i + 1)] - rows[at(i)] + n) % n - 1)];
      for (std::size_t q = 0; q < 4; ++q) ++pairs[q][at(rows[at(beside[q][0])] * n + rows[at(beside[q][1])])];
    }
    CHECK(std::abs(surprise(places, (n - 1.0) * (n - 1.0))) < unlikely);
    CHECK(std::abs(surprise(apart, n - 2)) < unlikely);
    for (auto& pair : pairs) {
      std::vector<int> different;
      for (int i = 0; i < n * n; ++i)
        if (i / n != i % n) different.push_back(pair[at(i)]);
      CHECK(std::abs(surprise(different, n * (n - 1.0) - 1)) < unlikely);
    }
  }
}

TEST_CASE("orders of different passes and seeds have nothing in common") {
  for (const int n : {256, 2048}) {
    std::vector<int> met(16 * 16);
    double agreeing = 0;
    constexpr std::uint32_t orders = 400;
    for (std::uint32_t k = 0; k < orders; ++k) {
      const auto a = shuffled(n, k), b = shuffled(n, k + 1), c = shuffled(n, k, 4);
      for (int i = 0; i < n; ++i) {
        ++met[at(a[at(i)] * 16 / n * 16 + b[at(i)] * 16 / n)];
        agreeing += (a[at(i)] == b[at(i)]) + (a[at(i)] == c[at(i)]);
      }
    }
    CHECK(std::abs(surprise(met, 255)) < unlikely);
    CHECK(agreeing / (2 * orders) == doctest::Approx(1).epsilon(0.2));
  }
}
