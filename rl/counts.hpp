#pragma once
#include "../core/error.hpp"
#include "state.hpp"

namespace pigrad {

/// State::integers that count something. Throws Error, too, for one that is negative or beyond 2⁵³: with such a start a
/// run would overflow.
inline const std::vector<std::int64_t>& counts(const State& state, const std::string& name, int size) {
  const std::vector<std::int64_t>& all = state.integers(name, size);
  constexpr std::int64_t most = std::int64_t{1} << 53;
  for (const std::int64_t count : all)
    if (count < 0 || count > most)
      throw Error("checkpoint", "'" + name + "' holds " + std::to_string(count) + ", which is no count",
                  "the file is damaged: take an earlier one");
  return all;
}

}  // namespace pigrad
