#pragma once
#include "dynamics.hpp"
#include "spec.hpp"

namespace pigrad {

/// Arms that each pay their own fixed sum; an episode is one pull.
///
/// | | |
/// |---|---|
/// | Observation | box[1]: always 1 |
/// | Action | discrete(4): the arm |
/// | Reward | the arm's payoff: 0, 0.25, 0.5, 1 |
/// | Start | the only state |
/// | Termination | after the pull |
/// | Limit | none |
///
/// J(π) = Σ π(a)·payoff(a), and with a softmax policy ∂J/∂logit(a) = π(a)·(payoff(a) − J). Source: ours.
struct Bandit {
  static constexpr int arms = 4;
  template <class T>
  struct State {};
  template <class T>
  struct Params {
    T payoff[arms] = {T(0), T(0.25), T(0.5), T(1)};
  };
  static constexpr int observation_size = 1;
  static constexpr int action_size = 0;

  template <class T>
  PIGRAD_HD static State<T> reset(const Params<T>&, const Draws&) {
    return {};
  }
  template <class T>
  PIGRAD_HD static Outcome<T> step(const Params<T>& p, State<T>&, std::int32_t action) {
    T reward = T(0);
    for (int a = 0; a < arms; ++a) reward = a == action ? p.payoff[a] : reward;
    return {reward, true};
  }
  template <class T>
  PIGRAD_HD static void observe(const Params<T>&, const State<T>&, T* obs, std::ptrdiff_t) {
    obs[0] = T(1);
  }

  static Spec spec() {
    Spec spec;
    spec.id = "Bandit-v0";
    spec.observation = Space::box(1, 1, 1);
    spec.action = Space::discrete(arms);
    spec.reward_threshold = 0.95;
    spec.best_return = 1;
    spec.fixed_start = true;
    spec.description = "four arms that pay 0, 0.25, 0.5 and 1; one pull an episode";
    return spec;
  }
};

}  // namespace pigrad
