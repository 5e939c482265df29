#include "parameters.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace pigrad {

Segment ParameterLayout::add(const std::string& name, int rows, int columns) {
  if (rows <= 0 || columns <= 0)
    throw Error(name, "a parameter of " + std::to_string(rows) + "×" + std::to_string(columns), "give sides above 0");
  if (contains(name)) throw Error(name, "this parameter name is taken", "name each module differently");
  const std::int64_t room = std::numeric_limits<int>::max() - std::int64_t{size_};
  if (std::int64_t{rows} * columns > room)
    throw Error(name,
                "a parameter of " + std::to_string(rows) + "×" + std::to_string(columns) + " makes more than 2³¹ − 1",
                "use narrower layers");
  segments_.push_back({name, rows, columns, size_});
  size_ += rows * columns;
  return segments_.back();
}

bool ParameterLayout::contains(const std::string& name) const {
  return std::any_of(segments_.begin(), segments_.end(), [&](const Segment& s) { return s.name == name; });
}

const Segment& ParameterLayout::find(const std::string& name) const {
  for (const Segment& s : segments_)
    if (s.name == name) return s;
  std::string names;
  for (const Segment& s : segments_) names += (names.empty() ? "" : ", ") + s.name;
  throw Error(name, "no such parameter", "use one of: " + names);
}

const Segment& ParameterLayout::at(int index) const {
  for (const Segment& s : segments_)
    if (index >= s.offset && index < s.offset + s.size()) return s;
  throw Error("parameter " + std::to_string(index), "outside the vector of " + std::to_string(size_),
              "give an index below it");
}

}  // namespace pigrad
