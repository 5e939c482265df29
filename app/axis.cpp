#include "axis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace pigrad::app {

Axis Axis::cover(double low, double high, int marks, bool tight) {
  if (!std::isfinite(low) || !std::isfinite(high) || low > high) low = 0, high = 1;
  if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
    const double around = low == 0 ? 1 : 0.1 * std::abs(low);
    low -= around;
    high += around;
  }
  // Half of each, so that the difference of the largest numbers is finite too.
  const double rough = (high / 2 - low / 2) / marks * 2;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double lead = rough / power;
  const double step = (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
  if (tight) return {low, high, step};
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step};
}

std::vector<double> Axis::marks() const {
  std::vector<double> all;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step && all.size() < 64; ++k) {
    all.push_back(k == 0 ? 0 : k * step);
  }
  return all;
}

std::string Axis::label(double mark) const {
  const char* prefixes[] = {"", "k", "M", "G", "T"};
  double size = std::abs(mark), unit = 1;
  std::size_t prefix = 0;
  // 2500 is shorter than 2.5k, 10k than 10000.
  while (prefix + 1 < std::size(prefixes) && (size / unit >= 9999.5 || (prefix > 0 && size / unit >= 999.5))) {
    unit *= 1000;
    ++prefix;
  }
  if (size >= 1e15 || (size > 0 && step < 1e-4)) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", mark);
    return text;
  }
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step / unit) - 1e-9)), 0, 6);
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, mark / unit);
  std::string digits = text;
  if (prefix > 0 && digits.find('.') != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  if (digits[0] == '-') digits = "−" + digits.substr(1);
  return digits + prefixes[prefix];
}

}  // namespace pigrad::app
