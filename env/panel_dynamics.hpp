#pragma once
#include <array>
#include <bit>
#include <vector>

#include "dynamics.hpp"
#include "state_panel.hpp"
#include "wide.hpp"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"  // a loop that cannot be vectorised is slower, not wrong
#endif

namespace pigrad {

/// Params<double> as Params<T>, member by member.
template <class To, class T, class From>
To convert_params(const From& from) {
  constexpr int count = scalars_in<From, double>();
  static_assert(count == scalars_in<To, T>(), "Params must have the same members in every scalar type");
  if constexpr (count == 0) {
    return {};
  } else {
    const auto wide = std::bit_cast<std::array<double, static_cast<std::size_t>(count)>>(from);
    std::array<T, static_cast<std::size_t>(count)> narrow;
    for (std::size_t i = 0; i < wide.size(); ++i) narrow[i] = static_cast<T>(wide[i]);
    return std::bit_cast<To>(narrow);
  }
}

/// Copies of an environment written as pure functions, their states in one panel [state × copies] with copies
/// contiguous. `Env` has
///
///     template <class T> struct State { T …; };     // plain, all members T, may be empty
///     template <class T> struct Params { T … = …; }; // plain, all members T, may be empty
///     static constexpr int observation_size;
///     static constexpr int action_size;             // 0: discrete actions
///     static constexpr bool clips_its_own_actions;  // may be absent: false; true: box actions come as they were given
///     template <class T> static State<T> reset(const Params<T>&, const Draws&);
///     template <class T> static Outcome<T> step(const Params<T>&, State<T>&, std::int32_t);  // or const T*
///     template <class T> static void observe(const Params<T>&, const State<T>&, T* obs, std::ptrdiff_t stride);
template <class Env, class T>
class PanelDynamics final : public Dynamics<T> {
 public:
  using State = typename Env::template State<T>;
  using Params = typename Env::template Params<T>;
  static constexpr int fields = scalars_in<State, T>();

  PanelDynamics(int copies, const typename Env::template Params<double>& params)
      : params_(convert_params<Params, T>(params)),
        ld_((copies + 15) / 16 * 16),
        states_(static_cast<std::size_t>(ld_ * fields)) {}

  int observation_size() const override { return Env::observation_size; }
  int state_size() const override { return fields; }
  bool clips_its_own_actions() const override {
    if constexpr (requires { Env::clips_its_own_actions; })
      return Env::clips_its_own_actions;
    else
      return false;
  }

  void reset(int copy, const Draws& draws) override {
    store_state(states_.data(), ld_, copy, Env::template reset<T>(params_, draws));
  }

  void reset_some(const int* copies, const std::uint64_t* episodes, int count, const Random& random) override {
    PIGRAD_WIDE_CALL(reset_some, (copies, episodes, count, random))
  }

  void step(int begin, int end, const Actions<T>& actions, T* reward, std::uint8_t* terminated) override {
    step_loop<false>(begin, end, actions, reward, terminated, nullptr, 0);
  }

  void step_and_observe(int begin, int end, const Actions<T>& actions, T* reward, std::uint8_t* terminated, T* obs,
                        std::ptrdiff_t obs_ld) override {
    PIGRAD_WIDE_CALL(step, (begin, end, actions, reward, terminated, obs, obs_ld))
  }

  void observe(int begin, int end, T* obs, std::ptrdiff_t obs_ld) const override {
    const Params params = params_;
    const std::ptrdiff_t ld = ld_;
    const T* states = states_.data();
    PIGRAD_INDEPENDENT_ITERATIONS
    for (int c = begin; c < end; ++c)
      Env::template observe<T>(params, load_state<State>(states, ld, c), obs + c, obs_ld);
  }

  void observe_some(const int* copies, int count, T* obs, std::ptrdiff_t obs_ld) const override {
    for (int i = 0; i < count; ++i)
      Env::template observe<T>(params_, load_state<State>(states_.data(), ld_, copies[i]), obs + copies[i], obs_ld);
  }

  void get_state(int copy, double* state) const override {
    for (int f = 0; f < fields; ++f) state[f] = static_cast<double>(states_[static_cast<std::size_t>(f * ld_ + copy)]);
  }
  void set_state(int copy, const double* state) override {
    for (int f = 0; f < fields; ++f) states_[static_cast<std::size_t>(f * ld_ + copy)] = static_cast<T>(state[f]);
  }

 private:
  PIGRAD_WIDE(step,
              (int begin, int end, const Actions<T>& actions, T* reward, std::uint8_t* terminated, T* obs,
               std::ptrdiff_t obs_ld),
              (begin, end, actions, reward, terminated, obs, obs_ld))
  PIGRAD_WIDE(reset_some, (const int* copies, const std::uint64_t* episodes, int count, const Random& random),
              (copies, episodes, count, random))

  /// Starts side by side in a panel of their own, whole vectors of them, then each to its place.
  PIGRAD_ALWAYS_INLINE inline void reset_some_plain(const int* copies, const std::uint64_t* episodes, int count,
                                                    const Random& random) {
    constexpr int room = 32, width = 16;
    const Params params = params_;
    const Random own = random;
    for (int begin = 0; begin < count; begin += room) {
      const int n = count - begin < room ? count - begin : room, padded = (n + width - 1) / width * width;
      alignas(64) T starts[(fields > 0 ? fields : 1) * room];
      std::uint32_t copy[room];
      std::uint64_t episode[room];
      for (int i = 0; i < padded; ++i) {
        const int from = begin + (i < n ? i : n - 1);
        copy[i] = static_cast<std::uint32_t>(copies[from]);
        episode[i] = episodes[from];
      }
      PIGRAD_INDEPENDENT_ITERATIONS
      for (int i = 0; i < padded; ++i)
        store_state(starts, room, i, Env::template reset<T>(params, Draws(own, copy[i], episode[i])));
      for (int f = 0; f < fields; ++f)
        for (int i = 0; i < n; ++i)
          states_[static_cast<std::size_t>(f * ld_ + copies[begin + i])] = starts[f * room + i];
    }
  }

  PIGRAD_ALWAYS_INLINE inline void step_plain(int begin, int end, const Actions<T>& actions, T* reward,
                                              std::uint8_t* terminated, T* obs, std::ptrdiff_t obs_ld) {
    step_loop<true>(begin, end, actions, reward, terminated, obs, obs_ld);
  }

  template <bool observes>
  PIGRAD_ALWAYS_INLINE inline void step_loop(int begin, int end, const Actions<T>& actions, T* reward,
                                             std::uint8_t* terminated, [[maybe_unused]] T* obs,
                                             [[maybe_unused]] std::ptrdiff_t obs_ld) {
    const Params params = params_;
    const std::ptrdiff_t ld = ld_;
    [[maybe_unused]] const std::ptrdiff_t action_ld = actions.ld;
    [[maybe_unused]] const std::int32_t* index = actions.index;
    [[maybe_unused]] const T* panel = actions.panel;
    T* states = states_.data();
    PIGRAD_INDEPENDENT_ITERATIONS
    for (int c = begin; c < end; ++c) {
      State state = load_state<State>(states, ld, c);
      Outcome<T> outcome;
      if constexpr (Env::action_size == 0) {
        outcome = Env::template step<T>(params, state, index[c]);
      } else {
        T action[Env::action_size];
        for (int a = 0; a < Env::action_size; ++a) action[a] = panel[a * action_ld + c];
        outcome = Env::template step<T>(params, state, static_cast<const T*>(action));
      }
      store_state(states, ld, c, state);
      reward[c] = outcome.reward;
      terminated[c] = outcome.terminated ? 1 : 0;
      if constexpr (observes) Env::template observe<T>(params, state, obs + c, obs_ld);
    }
  }

  Params params_;
  std::ptrdiff_t ld_;
  std::vector<T> states_;
};

}  // namespace pigrad

#if defined(__clang__)
#pragma clang diagnostic pop
#endif
