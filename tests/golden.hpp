#pragma once
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace pigrad_test {

/// Golden data tests/golden/<name>. Its doubles are written with all their digits, so reading gives the same bits.
inline nlohmann::json golden(const std::string& name) {
  const std::string path = std::string(PIGRAD_GOLDEN_DIR) + "/" + name;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return nlohmann::json::parse(file);
}

}  // namespace pigrad_test
