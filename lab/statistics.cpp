#include "statistics.hpp"

#include <cmath>

#include "../core/error.hpp"

namespace pigrad::lab {
namespace {

// P(a, x), by its series below a + 1 and 1 − its continued fraction (Lentz) above.
double lower_gamma(double a, double x) {
  if (x <= 0) return 0;
  const double scale = std::exp(-x + a * std::log(x) - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int k = 1; k < 10000 && std::abs(term) > std::abs(sum) * 1e-16; ++k) sum += term *= x / (a + k);
    return sum * scale;
  }
  constexpr double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
  for (int k = 1; k < 10000; ++k) {
    const double an = -k * (k - a);
    b += 2;
    d = an * d + b, d = 1 / (std::abs(d) < tiny ? tiny : d);
    c = b + an / c, c = std::abs(c) < tiny ? tiny : c;
    h *= d * c;
    if (std::abs(d * c - 1) < 1e-16) break;
  }
  return 1 - scale * h;
}

}  // namespace

double normal_quantile(double p) {
  if (!(p > 0 && p < 1)) throw Error("normal quantile", "p is " + std::to_string(p), "give a p between 0 and 1");
  double low = -40, high = 40;
  for (int k = 0; k < 100; ++k) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

double chi_squared_tail(double x, double freedom) { return 1 - lower_gamma(freedom / 2, x / 2); }

double chi_squared_quantile(double p, double freedom) {
  const double z = normal_quantile(p), s = 2 / (9 * freedom);
  double x = freedom * std::pow(std::max(1 - s + z * std::sqrt(s), 1e-3), 3);
  for (int k = 0; k < 50; ++k) {
    const double half = freedom / 2;
    const double density = 0.5 * std::exp((half - 1) * std::log(x / 2) - x / 2 - std::lgamma(half));
    const double step = (lower_gamma(half, x / 2) - p) / density;
    const double next = x - step > 0 ? x - step : x / 2;
    if (std::abs(next - x) < 1e-12 * x) return next;
    x = next;
  }
  return x;
}

Interval mean_interval(const std::vector<double>& values, double confidence) {
  const auto n = static_cast<double>(values.size());
  if (n < 2) throw Error("interval", "there are fewer than two values", "give more");
  double mean = 0, squares = 0;
  for (const double x : values) mean += x / n;
  for (const double x : values) squares += (x - mean) * (x - mean);
  const double half = normal_quantile(0.5 + confidence / 2) * std::sqrt(squares / (n - 1) / n);
  return {mean, mean - half, mean + half};
}

Interval delta_interval(double value, const std::vector<double>& gradient, const std::vector<double>& rows,
                        double confidence) {
  std::vector<double> along(rows.size() / gradient.size());
  for (std::size_t i = 0; i < along.size(); ++i)
    for (std::size_t c = 0; c < gradient.size(); ++c) along[i] += gradient[c] * rows[i * gradient.size() + c];
  const Interval mean = mean_interval(along, confidence);
  return {value, value + mean.low - mean.value, value + mean.high - mean.value};
}

}  // namespace pigrad::lab
