#include "claims.hpp"

#include <cmath>

namespace pigrad::lab {
namespace {

Claim from_interval(const std::string& text, const std::string& statistic, const Interval& interval, double confidence,
                    const std::string& method, bool holds) {
  return {text, statistic, interval.value, interval.low, interval.high, confidence, method, holds};
}

Claim from_test(const std::string& text, const std::string& test, double p, double confidence, bool holds) {
  Claim claim;
  claim.text = text, claim.statistic = "p of " + test, claim.value = p, claim.confidence = confidence;
  claim.method = test, claim.holds = holds;
  return claim;
}

}  // namespace

Claim claim_equal(const std::string& text, const std::string& test, double p, double confidence) {
  return from_test(text, test, p, confidence, p >= 1 - confidence);
}

Claim claim_different(const std::string& text, const std::string& test, double p, double confidence) {
  return from_test(text, test, p, confidence, p < 1 - confidence);
}

Claim claim_contains(const std::string& text, const std::string& statistic, const Interval& interval, double value,
                     double confidence, const std::string& method) {
  return from_interval(text, statistic, interval, confidence, method + ", which must contain " + digits(value),
                       interval.contains(value));
}

Claim claim_below(const std::string& text, const std::string& statistic, const Interval& interval, double limit,
                  double confidence, const std::string& method) {
  return from_interval(text, statistic, interval, confidence, method + ", all of which must be below " + digits(limit),
                       interval.high < limit);
}

Claim claim_above(const std::string& text, const std::string& statistic, const Interval& interval, double limit,
                  double confidence, const std::string& method) {
  return from_interval(text, statistic, interval, confidence, method + ", all of which must be above " + digits(limit),
                       interval.low > limit);
}

Claim claim_exact(const std::string& text, const std::string& statistic, double value, double limit) {
  Claim claim;
  claim.text = text, claim.statistic = statistic, claim.value = value;
  claim.method = "no sampling; at most " + digits(limit), claim.holds = std::abs(value) <= limit;
  return claim;
}

}  // namespace pigrad::lab
