#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "capi_handles.hpp"

namespace pigrad_test {

using Pairs = std::initializer_list<std::pair<const char*, const char*>>;

inline Settings settings_of(const Pairs& pairs) {
  pigrad_error error{};
  pigrad_settings* made = nullptr;
  REQUIRE(pigrad_settings_new(&made, &error) == PIGRAD_OK);
  Settings settings(made);
  for (const auto& [key, value] : pairs) {
    const pigrad_code code = pigrad_settings_set(made, key, value, &error);
    REQUIRE_MESSAGE(code == PIGRAD_OK, error.words);
  }
  return settings;
}

inline Trainer trainer_of(const pigrad_settings* settings, const pigrad_task& task) {
  pigrad_error error{};
  pigrad_trainer* made = nullptr;
  const pigrad_code code = pigrad_trainer_new(settings, &task, &made, &error);
  REQUIRE_MESSAGE(code == PIGRAD_OK, error.words);
  return Trainer(made);
}

/// Everything that the trainer would save.
inline std::vector<unsigned char> bytes_of(const pigrad_trainer* trainer) {
  void* at = nullptr;
  std::size_t size = 0;
  REQUIRE(pigrad_trainer_save_memory(trainer, &at, &size, nullptr) == PIGRAD_OK);
  const std::unique_ptr<void, Freed> owned(at);
  const auto* first = static_cast<const unsigned char*>(at);
  return {first, first + size};
}

/// A point that is pushed left or right, and is paid for staying near 0.
struct Point {
  float x = 0;
  int steps = 0;
  static constexpr int limit = 20;

  void show(float* obs) const { obs[0] = x; }
  void begin() {
    x = 0.5f;
    steps = 0;
  }
  float push(int choice) {
    x += choice ? 0.1f : -0.1f;
    ++steps;
    return 1 - x * x;
  }
  bool terminated() const { return x > 1 || x < -1; }
  bool truncated() const { return steps >= limit; }
};

inline pigrad_task point_task() {
  static constexpr double low = -2, high = 2;
  return {PIGRAD_API_VERSION, "a point", 1, &low, &high, 2, 0, nullptr, nullptr, Point::limit};
}

}  // namespace pigrad_test
