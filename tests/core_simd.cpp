#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/error.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/core/workspace.hpp>
#include <string>
#include <vector>

using namespace pigrad;

namespace {

std::vector<std::string> vector_backends() {
  std::vector<std::string> names = backend_names();
  names.erase(names.begin());
  return names;
}

/// Numbers in [−1, 1) and small integers, a new one each time.
class Draws {
 public:
  explicit Draws(std::uint32_t stream) : stream_(stream) {}
  double real() { return 2 * random_.uniform<double>(stream_, next_++) - 1; }
  int between(int low, int high) { return low + static_cast<int>((real() + 1) / 2 * (high - low + 1)); }

 private:
  Random random_{11, Purpose::test};
  std::uint32_t stream_;
  std::uint64_t next_ = 0;
};

/// A panel [columns × ld] between two guards. What lies past its rows is NaN, which no kernel may let through.
template <class T>
struct Guarded {
  static constexpr std::size_t guard = 64;
  int columns, rows, ld;
  std::vector<T> all;

  Guarded(int c, int r, Draws& draws)
      : columns(c), rows(r), ld((r + 15) / 16 * 16), all(2 * guard + static_cast<std::size_t>(c * ld), T(-77)) {
    for (int i = 0; i < c; ++i)
      for (int j = 0; j < ld; ++j)
        at(i, j) = j < r ? static_cast<T>(draws.real()) : std::numeric_limits<T>::quiet_NaN();
  }
  T& at(int c, int r) { return all[guard + static_cast<std::size_t>(c * ld + r)]; }
  View<T> view() { return {&at(0, 0), ld, 1}; }
  View<const T> readable() { return {&at(0, 0), ld, 1}; }
  bool guards_intact() const {
    for (std::size_t i = 0; i < guard; ++i)
      if (all[i] != T(-77) || all[all.size() - 1 - i] != T(-77)) return false;
    return true;
  }
};

/// A matrix [n×k] with strides of its own, in a vector that is larger than it.
template <class T>
struct Strided {
  std::ptrdiff_t row, column;
  std::vector<T> all;

  Strided(int n, int k, int kind, Draws& draws) {
    row = kind == 0 ? k : kind == 1 ? 1 : kind == 2 ? k + 3 : 2 * k + 1;
    column = kind == 1 ? n : kind == 3 ? 2 : 1;
    all.assign(static_cast<std::size_t>((n - 1) * row + (k - 1) * column + 1), T(0));
    for (T& x : all) x = static_cast<T>(draws.real());
  }
  T& at(int i, int j) { return all[static_cast<std::size_t>(i * row + j * column)]; }
  View<T> view() { return {all.data(), column, row}; }
  View<const T> readable() { return {all.data(), column, row}; }
};

/// Σ of sixteen partial sums: what core/simd/table.hpp says of sums over rows.
template <class T>
T sum_of_16(Guarded<T>& y, int column) {
  T part[16] = {};
  for (int r = 0; r < y.rows; ++r) part[r % 16] += y.at(column, r);
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) part[i] += part[i + half];
  return part[0];
}

/// Σ_r a_r b_r as it is made where few columns stand on a side: a partial sum a lane, folded half onto half.
template <class T>
T folded_dot(Guarded<T>& a, int i, Guarded<T>& b, int j, int lanes) {
  T part[16] = {};
  for (int r = 0; r < a.rows; ++r) part[r % lanes] = std::fma(a.at(i, r), b.at(j, r), part[r % lanes]);
  for (int half = lanes / 2; half > 0; half /= 2)
    for (int l = 0; l < half; ++l) part[l] += part[l + half];
  return part[0];
}

struct Sizes {
  int rows, k, n, kind;
  bool with_bias, accumulate;
};

std::vector<Sizes> sizes(Draws& draws) {
  std::vector<Sizes> all = {{96, 64, 64, 0, true, false},  {96, 4, 64, 0, true, false},  {96, 64, 2, 0, true, false},
                            {1, 1, 1, 0, true, false},     {200, 70, 70, 1, true, true}, {2048, 5, 9, 0, true, false},
                            {40, 300, 11, 0, true, false}, {17, 129, 3, 1, true, true}};
  for (int i = 0; i < 150; ++i)
    all.push_back({draws.between(1, 200), draws.between(1, 70), draws.between(1, 70), draws.between(0, 2),
                   draws.real() > 0, draws.real() > 0});
  for (int i = 0; i < 60; ++i) {
    const int few = draws.between(1, 4), many = draws.between(1, 40);
    const bool swap = draws.real() > 0;
    all.push_back({draws.between(1, 200), swap ? few : many, swap ? many : few, draws.between(0, 2), draws.real() > 0,
                   draws.real() > 0});
  }
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE("products are the sums that the law names, bit for bit, and write nowhere else", T, float, double) {
  constexpr int chunk = 96, few = 4, narrow = 8;
  for (const std::string& backend : vector_backends()) {
    CAPTURE(backend);
    const MatrixKernels<T>& kernels = find_backend<T>(backend).matrix;
    const int lanes = static_cast<int>((backend == "avx512" ? 64 : 32) / sizeof(T));
    Draws draws(1);
    for (const Sizes& s : sizes(draws)) {
      CAPTURE(s.rows);
      CAPTURE(s.k);
      CAPTURE(s.n);
      CAPTURE(s.kind);
      Guarded<T> x(s.k, s.rows, draws), y(s.n, s.rows, draws), y_bar(s.n, s.rows, draws), x_bar(s.k, s.rows, draws);
      Strided<T> w(s.n, s.k, s.kind, draws), b(1, s.n, 0, draws);
      Guarded<T> y_was = y, x_bar_was = x_bar;

      kernels.affine(s.rows, s.k, s.n, x.readable(), w.readable(), s.with_bias ? b.readable() : View<const T>{},
                     y.view(), s.accumulate);
      int wrong = 0;
      for (int i = 0; i < s.n; ++i)
        for (int r = 0; r < s.rows; ++r) {
          T sum = s.accumulate ? y_was.at(i, r) : s.with_bias ? b.at(0, i) : T(0);
          for (int j = 0; j < s.k; ++j) sum = std::fma(w.at(i, j), x.at(j, r), sum);
          wrong += sum != y.at(i, r);
        }
      CHECK(wrong == 0);
      CHECK(y.guards_intact());

      kernels.input_vjp(s.rows, s.k, s.n, y_bar.readable(), w.readable(), x_bar.view(), s.accumulate);
      for (int j = 0; j < s.k; ++j)
        for (int r = 0; r < s.rows; ++r) {
          T sum = s.accumulate ? x_bar_was.at(j, r) : T(0);
          for (int i = 0; i < s.n; ++i) sum = std::fma(w.at(i, j), y_bar.at(i, r), sum);
          wrong += sum != x_bar.at(j, r);
        }
      CHECK(wrong == 0);
      CHECK(x_bar.guards_intact());

      Strided<T> w_bar(s.n, s.k, s.kind, draws), b_bar(1, s.n, 0, draws);
      Strided<T> expected_w = w_bar, expected_b = b_bar;
      kernels.weight_vjp(s.rows, s.k, s.n, y_bar.readable(), x.readable(), w_bar.view(),
                         s.with_bias ? b_bar.view() : View<T>{});
      for (int i = 0; i < s.n; ++i) {
        for (int j = 0; j < s.k; ++j) {
          if (s.n <= few || s.k <= narrow) {
            expected_w.at(i, j) += folded_dot(y_bar, i, x, j, lanes);
            continue;
          }
          for (int begin = 0; begin < s.rows; begin += chunk) {
            T sum = 0;
            for (int r = begin; r < std::min(s.rows, begin + chunk); ++r)
              sum = std::fma(y_bar.at(i, r), x.at(j, r), sum);
            expected_w.at(i, j) += sum;
          }
        }
        if (s.with_bias) expected_b.at(0, i) += sum_of_16(y_bar, i);
      }
      CHECK(w_bar.all == expected_w.all);
      CHECK(b_bar.all == expected_b.all);
      kernels.weight_vjp(s.rows, s.k, s.n, y_bar.readable(), x.readable(), {}, b_bar.view());
    }
  }
}

TEST_CASE_TEMPLATE("panels of odd strides go to the plain kernels", T, float, double) {
  for (const std::string& backend : vector_backends()) {
    Draws draws(2);
    const int rows = 7, k = 3, n = 5;
    Strided<T> x(rows, k, 0, draws), w(n, k, 0, draws), b(1, n, 0, draws), y(rows, n, 0, draws), wanted = y;
    const auto& kernels = find_backend<T>(backend).matrix;
    kernels.affine(rows, k, n, x.readable(), w.readable(), b.readable(), y.view(), false);
    find_backend<T>("reference")
        .matrix.affine(rows, k, n, x.readable(), w.readable(), b.readable(), wanted.view(), false);
    CHECK(y.all == wanted.all);
    Strided<T> w_bar(n, k, 0, draws), w_wanted = w_bar, x_bar(rows, k, 0, draws), x_wanted = x_bar;
    kernels.weight_vjp(rows, k, n, y.readable(), x.readable(), w_bar.view(), {});
    find_backend<T>("reference").matrix.weight_vjp(rows, k, n, y.readable(), x.readable(), w_wanted.view(), {});
    CHECK(w_bar.all == w_wanted.all);
    kernels.input_vjp(rows, k, n, y.readable(), w.readable(), x_bar.view(), true);
    find_backend<T>("reference").matrix.input_vjp(rows, k, n, y.readable(), w.readable(), x_wanted.view(), true);
    CHECK(x_bar.all == x_wanted.all);
  }
}

TEST_CASE("PIGRAD_ISA forces a backend, and an unknown one is refused with the names") {
  for (const std::string& name : backend_names()) {
    REQUIRE(setenv("PIGRAD_ISA", name.c_str(), 1) == 0);
    CHECK(find_backend<float>().name == name);
    CHECK(find_backend<double>().name == name);
  }
  REQUIRE(setenv("PIGRAD_ISA", "mmx", 1) == 0);
  CHECK_THROWS_WITH_AS(find_backend<float>(), doctest::Contains("'mmx' does not run on this processor; use one of: "),
                       Error);
  REQUIRE(unsetenv("PIGRAD_ISA") == 0);
  CHECK(find_backend<float>().name == backend_names().back());
}

namespace {

/// Runs `step` of a backend and the plain one on the same four arrays, from several offsets to a cache line.
template <class T, class Step>
void check_step(const Step& step) {
  constexpr int beyond = 40;
  for (const std::string& backend : vector_backends()) {
    CAPTURE(backend);
    Draws draws(3);
    for (const int size : {1, 3, 15, 16, 17, 64, 101})
      for (const std::size_t first : {0, 1, 7, 15}) {
        std::vector<T> start[4];
        for (std::vector<T>& v : start)
          for (int i = 0; i < size + beyond; ++i) v.push_back(static_cast<T>(std::abs(draws.real())));
        // No gradient at all yet, hardly any, and one whose square is infinite.
        if (size > 16) {
          start[1][first] = start[2][first] = start[3][first] = 0;
          start[3][first + 1] = std::numeric_limits<T>::min();
          start[3][first + 2] = std::numeric_limits<T>::infinity();
        }
        std::vector<T> got[4] = {start[0], start[1], start[2], start[3]}, wanted[4] = {got[0], got[1], got[2], got[3]};
        const auto run = [&](const std::string& name, std::vector<T>(&v)[4]) {
          step(find_backend<T>(name).optimisers, size, v[0].data() + first, v[1].data() + first, v[2].data() + first,
               v[3].data() + first);
        };
        run(backend, got);
        run("reference", wanted);
        for (int v = 0; v < 4; ++v)
          for (std::size_t i = 0; i < start[0].size(); ++i) {
            CAPTURE(i);
            if (got[v][i] != wanted[v][i])
              CHECK(std::abs(got[v][i] - wanted[v][i]) <=
                    8 * std::numeric_limits<T>::epsilon() *
                        (1 + std::abs(wanted[v][i]) + 100 * std::abs(wanted[v][i] - start[v][i])));
            if (i < first || i >= first + static_cast<std::size_t>(size)) CHECK(got[v][i] == start[v][i]);
          }
        CHECK(got[0][first + (size > 16 ? 3 : 0)] != start[0][first + (size > 16 ? 3 : 0)]);
      }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("Adam's step is the plain one in every backend, and ends with its range", T, float, double) {
  const AdamStep<T> step{T(-1), T(0.1), T(0.2), T(0.95), T(0.05), T(1.5), T(1e-6), T(0.99), T(0.01)};
  check_step<T>([&](const OptimiserKernels<T>& kernels, int size, T* p, T* g, T* mean, T* square) {
    kernels.adam(size, step, p, g, mean, square);
  });
}

TEST_CASE_TEMPLATE("RMSprop's step is the plain one in every backend, and ends with its range", T, float, double) {
  for (const bool inside : {false, true})
    for (const bool centered : {false, true})
      for (const bool heavy : {false, true}) {
        CAPTURE(inside);
        CAPTURE(centered);
        CAPTURE(heavy);
        const T epsilon = T(1e-3);
        const RmsPropStep<T> step{.sign = T(-1),
                                  .decay = T(0.1),
                                  .keep = T(0.9),
                                  .enter = T(0.1),
                                  .inside = inside ? epsilon : T(0),
                                  .outside = inside ? T(0) : epsilon,
                                  .rate = T(0.01),
                                  .momentum = T(0.5)};
        check_step<T>([&](const OptimiserKernels<T>& kernels, int size, T* p, T* g, T* other, T* square) {
          std::vector<T> velocity(static_cast<std::size_t>(size), T(0.25));
          kernels.rmsprop(size, step, p, g, square, centered ? other : nullptr, heavy ? velocity.data() : nullptr);
        });
      }
}
