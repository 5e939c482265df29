#include "space.hpp"

#include <cstdio>

#include "../core/error.hpp"

namespace pigrad {
namespace {

std::string list(const std::vector<double>& values) {
  bool same = true;
  for (double v : values) same = same && v == values.front();
  std::string text = "[";
  for (std::size_t i = 0; i < (same ? 1 : values.size()); ++i) {
    char word[32];
    std::snprintf(word, sizeof word, "%s%.6g", i ? ", " : "", values[i]);
    text += word;
  }
  return text + "]";
}

}  // namespace

Space Space::box(int size, double low, double high) {
  require(size >= 1, "Space::box", "the box has no features", "give a size of at least 1");
  const auto count = static_cast<std::size_t>(size);
  return box(std::vector<double>(count, low), std::vector<double>(count, high));
}

Space Space::box(std::vector<double> low, std::vector<double> high) {
  require(!low.empty(), "Space::box", "the box has no features", "give at least one bound");
  if (low.size() != high.size())
    throw Error("Space::box", std::to_string(low.size()) + " low but " + std::to_string(high.size()) + " high bounds",
                "give one of each a feature");
  for (std::size_t i = 0; i < low.size(); ++i)
    if (!(low[i] <= high[i]))
      throw Error("Space::box", "feature " + std::to_string(i) + " has its low bound above its high one",
                  "give low <= high");
  Space space;
  space.low = std::move(low);
  space.high = std::move(high);
  return space;
}

Space Space::discrete(int n) {
  require(n >= 1, "Space::discrete", "there is no value to choose", "give n of at least 1");
  Space space;
  space.kind = Kind::discrete;
  space.n = n;
  return space;
}

std::string Space::describe() const {
  if (is_discrete()) return "discrete(" + std::to_string(n) + ")";
  return "box[" + std::to_string(size()) + "] from " + list(low) + " to " + list(high);
}

}  // namespace pigrad
