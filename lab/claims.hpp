#pragma once
#include <string>

#include "experiment.hpp"
#include "statistics.hpp"

namespace pigrad::lab {

/// Two things are equal: holds where a test's p-value is at least 1 − confidence.
Claim claim_equal(const std::string& text, const std::string& test, double p, double confidence);
/// Two things differ: holds where the p-value is below 1 − confidence.
Claim claim_different(const std::string& text, const std::string& test, double p, double confidence);
/// The interval contains a value.
Claim claim_contains(const std::string& text, const std::string& statistic, const Interval& interval, double value,
                     double confidence, const std::string& method = "normal interval");
/// All of the interval lies below, or above, a value.
Claim claim_below(const std::string& text, const std::string& statistic, const Interval& interval, double limit,
                  double confidence, const std::string& method = "normal interval");
Claim claim_above(const std::string& text, const std::string& statistic, const Interval& interval, double limit,
                  double confidence, const std::string& method = "normal interval");
/// Nothing sampled: |value| is at most the limit.
Claim claim_exact(const std::string& text, const std::string& statistic, double value, double limit);

}  // namespace pigrad::lab
