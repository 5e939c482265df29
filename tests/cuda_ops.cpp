#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <pigrad/core/ops/list.hpp>
#include <pigrad/core/random.hpp>
#include <pigrad/cuda/kernels.hpp>
#include <set>
#include <string>

#include "cuda_device.hpp"

using namespace pigrad;

namespace {

template <class T>
constexpr double tolerance = sizeof(T) == 8 ? 1e-14 : 1e-6;

/// A matrix [rows × columns] with the strides under which a Call sees it, on both sides.
template <class T>
struct Matrix {
  std::ptrdiff_t column = 0, row = 0;
  std::vector<T> host;
  DeviceArray<T> device;

  Matrix(std::vector<T> values, std::ptrdiff_t column_stride, std::ptrdiff_t row_stride)
      : column(column_stride), row(row_stride), host(std::move(values)), device(host) {}
  Panel<T> on_host() { return {host.data(), nullptr, column, row}; }
  Panel<T> on_device() { return {device.data(), nullptr, column, row}; }
};

/// How an operand lies in memory: samples contiguous as in a block, rows contiguous, or stretched along sides.
enum class Layout { block, row_major, row, column, scalar };

template <class T, class Next>
Matrix<T> matrix(int rows, int columns, Layout layout, Next next) {
  const std::ptrdiff_t ld = rows + 3;
  std::size_t size = 1;
  std::ptrdiff_t column = 0, row = 0;
  if (layout == Layout::block) size = static_cast<std::size_t>(ld * columns), column = ld, row = 1;
  if (layout == Layout::row_major) size = static_cast<std::size_t>(rows * (columns + 2)), column = 1, row = columns + 2;
  if (layout == Layout::row) size = static_cast<std::size_t>(columns), column = 1;
  if (layout == Layout::column) size = static_cast<std::size_t>(rows), row = 1;
  std::vector<T> values(size);
  for (T& x : values) x = next();
  return {std::move(values), column, row};
}

/// The largest error of `found`, each entry relative to itself, or, where entries are sums, to the largest of all.
/// Infinities and NaN must be where they are in `expected`.
template <class T>
double error(const std::vector<T>& found, const std::vector<T>& expected, bool sums) {
  double largest = std::numeric_limits<T>::min(), worst = 0;
  for (const T x : expected)
    if (sums && std::isfinite(x)) largest = std::max(largest, static_cast<double>(std::abs(x)));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double a = static_cast<double>(found[i]), b = static_cast<double>(expected[i]);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    const double e = std::abs(a - b) / std::max(largest, std::abs(b));
    worst = std::max(worst, e >= 0 ? e : std::numeric_limits<double>::infinity());
  }
  return worst;
}

template <class T>
struct Parity {
  double values = 0, adjoints = 0;
};

/// One op on the device against its plain kernels on the CPU. Both vjps read the CPU's y, so that no error of y is
/// magnified into one of the adjoint.
template <class T, class Next, class NextBar>
Parity<T> parity(const DeviceOp<T>& entry, int rows, int columns, std::vector<Layout> layouts,
                 const std::vector<Next>& next, NextBar next_bar, bool into_zeros) {
  const auto& plain = std::get<KernelPair<T>>(entry.op->kernels);
  const auto operands = static_cast<std::size_t>(entry.op->operands);
  std::vector<Matrix<T>> in, in_bar;
  for (std::size_t k = 0; k < operands; ++k) {
    in.push_back(matrix<T>(rows, columns, layouts[k], next[k]));
    in_bar.push_back(matrix<T>(rows, columns, layouts[k], [&] { return into_zeros ? T(0) : next_bar(); }));
  }
  Matrix<T> out = matrix<T>(rows, columns, Layout::block, [] { return T(-77); });
  Matrix<T> out_bar = matrix<T>(rows, columns, Layout::block, next_bar);

  Call<T> host;
  DeviceCall<T> device;
  DeviceArray<T> scratch(scratch_scalars);
  device.scratch = scratch.data();
  host.rows = device.rows = rows;
  host.columns = device.columns = columns;
  host.attributes.low = device.attributes.low = -0.7;
  host.attributes.high = device.attributes.high = 0.9;
  for (std::size_t k = 0; k < operands; ++k) {
    host.in[k] = in[k].on_host();
    device.in[k] = in[k].on_device();
    if (!((entry.op->differentiable >> k) & 1u)) continue;
    host.in_bar[k] = in_bar[k].on_host();
    device.in_bar[k] = in_bar[k].on_device();
  }
  host.out = out.on_host();
  device.out = out.on_device();
  host.out_bar = out_bar.on_host();
  device.out_bar = out_bar.on_device();

  Parity<T> worst;
  plain.forward(host);
  entry.forward(device);
  device_synchronize();
  worst.values = error(out.device.download(), out.host, false);
  out.device.upload(out.host.data());
  plain.vjp(host);
  entry.vjp(device);
  device_synchronize();
  for (Matrix<T>& x_bar : in_bar)
    worst.adjoints = std::max(worst.adjoints, error(x_bar.device.download(), x_bar.host, !into_zeros));
  return worst;
}

/// Numbers in [low, high), a new one each time.
template <class T>
struct Uniform {
  double low, high;
  std::uint32_t stream;
  std::uint64_t counter = 0;
  T operator()() {
    return static_cast<T>(low + (high - low) * Random(5, Purpose::test).uniform<double>(stream, counter++));
  }
};

/// Edge values, each held for `hold` calls: with 1, n and n² for three operands every combination is met.
template <class T>
struct Edges {
  std::size_t hold, calls = 0;
  static const std::vector<T>& all() {
    using limits = std::numeric_limits<T>;
    static const std::vector<T> values = {T(0),
                                          -T(0),
                                          T(1),
                                          T(-1),
                                          static_cast<T>(-0.7),
                                          static_cast<T>(0.9),
                                          limits::denorm_min(),
                                          -limits::denorm_min(),
                                          limits::min(),
                                          limits::max(),
                                          limits::lowest(),
                                          limits::infinity(),
                                          -limits::infinity(),
                                          limits::quiet_NaN(),
                                          T(100),
                                          T(-100),
                                          T(1e-5)};
    return values;
  }
  T operator()() { return all()[calls++ / hold % all().size()]; }
};

}  // namespace

TEST_CASE("the device has every op of the list, once") {
  std::multiset<const Op*> here;
  for (const auto& entry : device_ops<float>()) here.insert(entry.op);
  CHECK(here.size() == device_ops<double>().size());
  CHECK(here.size() == builtin_ops().size());
  for (const Op* op : builtin_ops()) {
    CAPTURE(op->name);
    CHECK(here.count(op) == 1);
  }
}

TEST_CASE_TEMPLATE("values and adjoints on the device are the CPU's, for random operands", T, float, double) {
  if (no_device()) return;
  std::string table;
  for (const auto& entry : device_elementwise<T>()) {
    CAPTURE(entry.op->name);
    const std::string name = entry.op->name;
    const bool positive = name == "log" || name == "sqrt";
    const std::vector<Uniform<T>> next = {{positive ? 0.01 : -4, 4, 0}, {-4, 4, 1}, {-4, 4, 2}};
    for (const auto& layouts : {std::vector{Layout::block, Layout::block, Layout::block},
                                std::vector{Layout::row_major, Layout::block, Layout::row_major}}) {
      const auto worst = parity<T>(entry, 301, 7, layouts, next, Uniform<T>{-1, 1, 3}, true);
      CHECK(worst.values < tolerance<T>);
      CHECK(worst.adjoints < tolerance<T>);
      table += "\n" + name + ": " + std::to_string(worst.values / std::numeric_limits<T>::epsilon()) + ", " +
               std::to_string(worst.adjoints / std::numeric_limits<T>::epsilon());
    }
  }
  MESSAGE("largest errors in units of epsilon, values and adjoints:" << table);
}

TEST_CASE_TEMPLATE("a stretched operand's adjoint is the CPU's sum, added to what was there", T, float, double) {
  if (no_device()) return;
  const Layout b = Layout::block, r = Layout::row, c = Layout::column, s = Layout::scalar;
  for (const auto& entry : device_elementwise<T>()) {
    CAPTURE(entry.op->name);
    const std::string name = entry.op->name;
    const std::vector<Uniform<T>> next = {{name == "log" || name == "sqrt" ? 0.2 : -2, 2, 0}, {0.5, 2, 1}, {-2, 2, 2}};
    for (const auto& layouts : {std::vector{b, r, b}, std::vector{r, b, c}, std::vector{b, c, r}, std::vector{c, b, s},
                                std::vector{b, s, b}, std::vector{s, b, r}, std::vector{c, r, b}}) {
      const auto worst = parity<T>(entry, 65, 5, layouts, next, Uniform<T>{-1, 1, 3}, false);
      CHECK(worst.values < tolerance<T>);
      CHECK(worst.adjoints < 10 * tolerance<T>);
    }
  }
}

TEST_CASE_TEMPLATE("ties, limits, infinities and NaN go the CPU's way on the device", T, float, double) {
  if (no_device()) return;
  const std::size_t n = Edges<T>::all().size();
  const std::vector<Edges<T>> next = {{1}, {n}, {n * n}};
  for (const auto& entry : device_elementwise<T>()) {
    CAPTURE(entry.op->name);
    const auto rows = static_cast<int>(entry.op->operands == 3 ? n * n * n : n * n);
    const std::vector<Layout> layouts(3, Layout::block);
    const auto worst = parity<T>(entry, rows, 1, layouts, next, Uniform<T>{0.5, 1, 3}, true);
    CHECK(worst.values < tolerance<T>);
    CHECK(worst.adjoints < tolerance<T>);
  }
}

TEST_CASE("no rows is no work, and a refused launch or copy is an Error") {
  if (no_device()) return;
  for (const auto& entry : device_elementwise<double>()) {
    entry.forward({});
    entry.vjp({});
  }
  device_synchronize();
  CHECK_THROWS_WITH(DeviceArray<double>(std::size_t(1) << 50), doctest::Contains("memory"));
}
