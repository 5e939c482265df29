#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <pigrad/core/backend.hpp>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/random.hpp>
#include <vector>

using namespace pigrad;

namespace {

std::vector<std::string> vector_backends() {
  std::vector<std::string> names = backend_names();
  names.erase(names.begin());
  return names;
}

/// The op's own kernel over one padded column of samples.
template <class T>
std::vector<T> apply(const Op& op, const std::string& backend, std::vector<T> x) {
  const auto rows = static_cast<int>(x.size());
  const auto ld = static_cast<std::ptrdiff_t>((x.size() + 15) / 16 * 16);
  x.resize(static_cast<std::size_t>(ld));
  std::vector<T> y(x.size());
  Call<T> call;
  call.rows = rows;
  call.columns = 1;
  call.shapes[0] = Shape::batch(1);
  call.in[0] = {x.data(), nullptr, ld, 1};
  call.out = {y.data(), nullptr, ld, 1};
  find_backend<T>(backend).kernels(op).forward(call);
  y.resize(static_cast<std::size_t>(rows));
  return y;
}

/// |y − exact| in units of T's last place at exact.
template <class T>
double ulps(T y, long double exact) {
  const T nearest = static_cast<T>(exact);
  if (std::isnan(exact)) return std::isnan(y) ? 0 : 1e9;
  if (std::isinf(nearest) || std::isinf(y)) return y == nearest ? 0 : std::isinf(nearest) && std::isinf(y) ? 1e9 : 1;
  const T size = std::abs(nearest);
  const T step = std::nextafter(size, std::numeric_limits<T>::infinity()) - size;
  return static_cast<double>(std::abs(static_cast<long double>(y) - exact) / static_cast<long double>(step));
}

long double exact_sigmoid(long double x) { return 1 / (1 + expl(-x)); }
long double exact_elu(long double x) { return x > 0 ? x : expm1l(x); }
long double exact_softplus(long double x) { return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x)); }

struct Function {
  const Op* op;
  long double (*exact)(long double);
  double low, high;                ///< where doubles are drawn
  double float_ulps, double_ulps;  ///< the largest error that the kernel promises
};

std::vector<Function> functions() {
  return {{&op_of<Exp>(), expl, -750, 712, 1.1, 1.1},   {&op_of<Log>(), logl, 0, 1e6, 1, 1},
          {&op_of<Tanh>(), tanhl, -20, 20, 3.5, 2},     {&op_of<Sigmoid>(), exact_sigmoid, -745, 50, 2.5, 2},
          {&op_of<Elu>(), exact_elu, -40, 2, 1.2, 1.2}, {&op_of<Softplus>(), exact_softplus, -745, 50, 2, 2}};
}

}  // namespace

TEST_CASE_TEMPLATE("transcendental functions stay within their error", T, float, double) {
  const Random random(7, Purpose::test);
  for (const Function& f : functions()) {
    std::vector<T> x;
    if constexpr (sizeof(T) == 4) {
      for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 4093) {
        const auto word = static_cast<std::uint32_t>(bits);
        float value;
        std::memcpy(&value, &word, sizeof value);
        x.push_back(value);
      }
    }
    for (std::uint32_t i = 0; i < 200000; ++i) {
      const double u = random.uniform<double>(0, i);
      x.push_back(static_cast<T>(f.low + (f.high - f.low) * u));
      x.push_back(static_cast<T>(4 * u - 2));
      x.push_back(static_cast<T>(std::ldexp(random.uniform<double>(1, i) + 0.5, static_cast<int>(i % 2000) - 1050)));
      x.push_back(-x.back());
    }
    for (const std::string& backend : vector_backends()) {
      const std::vector<T> y = apply(*f.op, backend, x);
      double worst = 0;
      T where = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double error = ulps(y[i], f.exact(static_cast<long double>(x[i])));
        if (!(error <= worst)) worst = error, where = x[i];
      }
      CAPTURE(std::string(f.op->name));
      CAPTURE(backend);
      CAPTURE(where);
      CHECK(worst <= (sizeof(T) == 4 ? f.float_ulps : f.double_ulps));
    }
  }
}

TEST_CASE_TEMPLATE("limits are as the ops promise", T, float, double) {
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const T denormal = std::numeric_limits<T>::denorm_min();
  const std::vector<T> x = {infinity, -infinity, nan, T(0), T(-0.0), denormal, -denormal, T(-1)};
  const auto same = [](T a, T b) {
    return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b);
  };
  const auto check = [&](const Op& op, const std::vector<T>& wanted) {
    for (const std::string& backend : vector_backends()) {
      const std::vector<T> y = apply(op, backend, x);
      CAPTURE(std::string(op.name));
      CAPTURE(backend);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        CAPTURE(x[i]);
        CAPTURE(y[i]);
        CHECK(same(wanted[i], y[i]));
      }
    }
  };
  const T least_log = std::log(denormal);
  check(op_of<Exp>(), {infinity, 0, nan, 1, 1, 1, 1});
  check(op_of<Log>(), {infinity, nan, nan, -infinity, -infinity, least_log, nan, nan});
  check(op_of<Tanh>(), {1, -1, nan, T(0), T(-0.0), denormal, -denormal});
  check(op_of<Sigmoid>(), {1, 0, nan, T(0.5), T(0.5), T(0.5), T(0.5)});
  check(op_of<Elu>(), {infinity, -1, nan, T(0), T(-0.0), denormal, -denormal});
  check(op_of<Softplus>(), {infinity, 0, nan});
  check(op_of<Relu>(), {infinity, 0, nan, 0, 0, denormal, 0, 0});
  check(op_of<Sqrt>(), {infinity, nan, nan, T(0), T(-0.0), std::sqrt(denormal), nan, nan});
  check(op_of<Abs>(), {infinity, infinity, nan, 0, 0, denormal, denormal, 1});
  check(op_of<Neg>(), {-infinity, infinity, nan, T(-0.0), T(0), -denormal, denormal, 1});
}

namespace {

/// Every pair of special values as two columns of samples, and adjoints, for one op; results column after column.
template <class T>
struct Pairs {
  std::vector<T> in[2], both, y_bar;
  int rows = 0;
  std::ptrdiff_t ld = 0;

  Pairs() {
    const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    const std::vector<T> special = {-infinity, T(-3), T(-0.0), T(0), T(0.25), T(0.5), T(40), infinity, nan};
    for (const T a : special)
      for (const T b : special) in[0].push_back(a), in[1].push_back(b);
    rows = static_cast<int>(in[0].size());
    ld = (rows + 15) / 16 * 16;
    for (std::vector<T>& column : in) {
      column.resize(static_cast<std::size_t>(ld));
      both.insert(both.end(), column.begin(), column.end());
    }
    for (std::size_t i = 0; i < both.size(); ++i) y_bar.push_back(T(0.125) * static_cast<T>(i % 7) - T(0.5));
  }

  /// y, then the adjoints of both operands (or of the one operand of two columns).
  std::vector<T> results(const Op& op, const std::string& backend) {
    const KernelPair<T> kernels = find_backend<T>(backend).kernels(op);
    std::vector<T> y(both.size()), bars(both.size(), T(1));
    Call<T> call;
    call.rows = rows;
    call.attributes.low = -0.25, call.attributes.high = 0.5;
    const bool of_two = op.operands == 2;
    for (int i = 0; i < 2; ++i) call.shapes[i] = Shape::batch(of_two ? 1 : 2);
    call.columns = op.shape(call.shapes, call.attributes).columns;
    call.in[0] = {of_two ? in[0].data() : both.data(), nullptr, ld, 1};
    call.in[1] = {in[1].data(), nullptr, ld, 1};
    call.out = {y.data(), nullptr, ld, 1};
    call.out_bar = {y_bar.data(), nullptr, ld, 1};
    call.in_bar[0] = {bars.data(), nullptr, ld, 1};
    call.in_bar[1] = {bars.data() + ld, nullptr, ld, 1};
    kernels.forward(call);
    kernels.vjp(call);
    std::vector<T> all;
    for (const std::vector<T>* v : {&y, &bars})
      for (int c = 0; c < (v == &y ? call.columns : 2); ++c)
        all.insert(all.end(), v->begin() + c * ld, v->begin() + c * ld + rows);
    return all;
  }
};

}  // namespace

TEST_CASE_TEMPLATE("infinities, NaN and ties go through values and adjoints as in the plain kernels", T, float,
                   double) {
  Pairs<T> pairs;
  for (const Op* op :
       {&op_of<Add>(),       &op_of<Sub>(),     &op_of<Mul>(),       &op_of<Div>(),  &op_of<Min>(),   &op_of<Max>(),
        &op_of<Exp>(),       &op_of<Log>(),     &op_of<Tanh>(),      &op_of<Relu>(), &op_of<Elu>(),   &op_of<Sigmoid>(),
        &op_of<Softplus>(),  &op_of<Square>(),  &op_of<Sqrt>(),      &op_of<Abs>(),  &op_of<Clamp>(), &op_of<Neg>(),
        &op_of<Logsumexp>(), &op_of<Softmax>(), &op_of<LogSoftmax>()}) {
    const std::vector<T> wanted = pairs.results(*op, "reference");
    for (const std::string& backend : vector_backends()) {
      CAPTURE(std::string(op->name));
      CAPTURE(backend);
      const std::vector<T> found = pairs.results(*op, backend);
      REQUIRE(found.size() == wanted.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        const std::size_t pair = i % static_cast<std::size_t>(pairs.rows);
        CAPTURE(pairs.in[0][pair]);
        CAPTURE(pairs.in[1][pair]);
        const T size = std::max(T(1), std::abs(wanted[i]));
        if (std::isfinite(wanted[i]))
          CHECK(std::abs(found[i] - wanted[i]) <= 8 * std::numeric_limits<T>::epsilon() * size);
        else
          CHECK((std::isnan(wanted[i]) ? std::isnan(found[i]) : found[i] == wanted[i]));
      }
    }
  }
}
