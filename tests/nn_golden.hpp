#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <pigrad/nn/safetensors.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "pull.hpp"

// Golden tensors of tests/golden/make_nn.py.

namespace pigrad_test {

inline const TensorFile& golden() {
  static const TensorFile file = TensorFile::load(PIGRAD_GOLDEN_DIR "/nn.safetensors");
  return file;
}

inline Values golden(const std::string& name) { return golden().values<double>(name); }

inline std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> pieces;
  std::istringstream stream(text);
  for (std::string piece; std::getline(stream, piece, ',');) pieces.push_back(piece);
  return pieces;
}

inline std::vector<std::string> golden_list(const std::string& key) { return split(golden().metadata().at(key)); }

/// The largest |actual − expected| / |expected| over the entries; infinite for another size, a NaN, or anything but 0
/// where 0 is expected.
inline double worst_error(const Values& actual, const Values& expected) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (actual.size() != expected.size() || expected.empty()) return infinity;
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double gap = std::abs(actual[i] - expected[i]);
    const double error = gap == 0 ? 0 : gap / std::abs(expected[i]);
    worst = std::isnan(error) ? infinity : std::max(worst, error);
  }
  return worst;
}

/// The largest |actual − expected| relative to the largest |expected|.
inline double scaled_error(const Values& actual, const Values& expected) {
  if (actual.size() != expected.size() || expected.empty()) return std::numeric_limits<double>::infinity();
  double scale = 0, worst = 0;
  for (const double x : expected) scale = std::max(scale, std::abs(x));
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double gap = std::abs(actual[i] - expected[i]);
    worst = std::isnan(gap) ? std::numeric_limits<double>::infinity() : std::max(worst, gap);
  }
  return worst / scale;
}

}  // namespace pigrad_test
