#pragma once
#include <cstddef>
#include <cstdint>

#include "draws.hpp"

namespace pigrad {

/// What one step of pure dynamics gives back. The state it leads to is in the state.
template <class T>
struct Outcome {
  T reward;
  bool terminated;
};

/// The actions of all copies, owned by the caller. One of the two is set, as the action space asks.
template <class T>
struct Actions {
  const std::int32_t* index = nullptr;  ///< discrete: [copies]
  const T* panel = nullptr;             ///< box: [action_size × copies], feature a of copy c at panel[a * ld + c]
  std::ptrdiff_t ld = 0;

  static Actions discrete(const std::int32_t* index) { return {index, nullptr, 0}; }
  static Actions box(const T* panel, std::ptrdiff_t ld) { return {nullptr, panel, ld}; }
};

/// The states of a number of copies and the laws that move them: the only thing an environment brings. It counts no
/// steps, knows no time limit, and resets only when told: VectorEnv does all that. For dynamics written as pure
/// functions use PanelDynamics; derive from this to bring a simulator of your own. Calls on disjoint copies run at the
/// same time.
template <class T>
class Dynamics {
 public:
  virtual ~Dynamics() = default;
  virtual int observation_size() const = 0;
  /// Scalars that say everything about a copy's state.
  virtual int state_size() const = 0;
  /// Fewest copies whose step is worth a thread of its own. No result depends on it.
  virtual int copies_a_thread() const { return 2048; }
  /// Puts a copy at the start that these draws choose, and at no other whatever came before.
  virtual void reset(int copy, const Draws& draws) = 0;
  /// The same for `count` copies, copies[i] at the start of its episode episodes[i], drawn from `random`.
  virtual void reset_some(const int* copies, const std::uint64_t* episodes, int count, const Random& random) {
    for (int i = 0; i < count; ++i) reset(copies[i], Draws(random, static_cast<std::uint32_t>(copies[i]), episodes[i]));
  }
  /// Does a step want box actions as they were given, beyond the bounds too? Otherwise VectorEnv clips them.
  virtual bool clips_its_own_actions() const { return false; }
  /// Moves copies [begin, end) by one step. Actions are valid, and within bounds unless it clips its own. `reward` and
  /// `terminated` (0 or 1) are indexed by copy. Never called for a copy whose episode ended and that has not been
  /// reset.
  virtual void step(int begin, int end, const Actions<T>& actions, T* reward, std::uint8_t* terminated) = 0;
  /// Writes feature f of copy c to obs[f * ld + c] for c in [begin, end).
  virtual void observe(int begin, int end, T* obs, std::ptrdiff_t ld) const = 0;
  /// Both at once, for who can do that in one pass.
  virtual void step_and_observe(int begin, int end, const Actions<T>& actions, T* reward, std::uint8_t* terminated,
                                T* obs, std::ptrdiff_t ld) {
    step(begin, end, actions, reward, terminated);
    observe(begin, end, obs, ld);
  }
  /// observe() for `count` copies here and there.
  virtual void observe_some(const int* copies, int count, T* obs, std::ptrdiff_t ld) const {
    for (int i = 0; i < count; ++i) observe(copies[i], copies[i] + 1, obs, ld);
  }
  virtual void get_state(int copy, double* state) const = 0;
  virtual void set_state(int copy, const double* state) = 0;
};

}  // namespace pigrad
