#pragma once
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "../core/macros.hpp"

namespace pigrad {

/// Scalars in a plain struct whose members are all T: an environment's State<T> or Params<T>. 0 for an empty struct.
template <class Pod, class T>
PIGRAD_HD constexpr int scalars_in() {
  static_assert(std::is_trivially_copyable_v<Pod>, "State and Params must be plain structs");
  if constexpr (std::is_empty_v<Pod>) return 0;
  static_assert(std::is_empty_v<Pod> || sizeof(Pod) % sizeof(T) == 0, "all members of State and Params must be T");
  return static_cast<int>(sizeof(Pod) / sizeof(T));
}

/// A copy's state out of a panel [fields × copies]: field f of copy c is states[f·ld + c]. Scalar by scalar: the
/// compiler keeps a state that is copied so in registers, and vectorises the loop around it.
template <class State, class T>
PIGRAD_HD inline State load_state([[maybe_unused]] const T* states, [[maybe_unused]] std::ptrdiff_t ld,
                                  [[maybe_unused]] int copy) {
  if constexpr (std::is_empty_v<State>) {
    return {};
  } else {
    constexpr int fields = scalars_in<State, T>();
    State state;
    for (int f = 0; f < fields; ++f)
      std::memcpy(reinterpret_cast<char*>(&state) + f * static_cast<int>(sizeof(T)), states + f * ld + copy, sizeof(T));
    return state;
  }
}

/// A copy's state into that panel.
template <class State, class T>
PIGRAD_HD inline void store_state([[maybe_unused]] T* states, [[maybe_unused]] std::ptrdiff_t ld,
                                  [[maybe_unused]] int copy, [[maybe_unused]] const State& state) {
  if constexpr (!std::is_empty_v<State>) {
    constexpr int fields = scalars_in<State, T>();
    for (int f = 0; f < fields; ++f)
      std::memcpy(states + f * ld + copy, reinterpret_cast<const char*>(&state) + f * static_cast<int>(sizeof(T)),
                  sizeof(T));
  }
}

}  // namespace pigrad
