#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace pigrad::lab {

/// A finite Markov decision process, given as matrices. S states, A actions, F features a state, all arrays row-major.
/// An episode starts by `start` and ends on entering a terminal state. Sutton and Barto 2018, section 3.1.
struct FiniteMdp {
  std::string name;
  int states = 0, actions = 0, features = 0;
  double gamma = 1;
  std::vector<double> transition;      ///< P(s'|s,a) [S×A×S]
  std::vector<double> reward;          ///< R(s,a,s') [S×A×S]
  std::vector<double> start;           ///< p₀ [S]
  std::vector<std::uint8_t> terminal;  ///< [S] what follows them is not read
  std::vector<double> feature;         ///< what a policy sees [S×F]

  std::size_t at(int s, int a, int next) const {
    return (static_cast<std::size_t>(s) * static_cast<std::size_t>(actions) + static_cast<std::size_t>(a)) *
               static_cast<std::size_t>(states) +
           static_cast<std::size_t>(next);
  }
  std::size_t at(int s, int a) const { return static_cast<std::size_t>(s * actions + a); }
  /// E[r|s,a], 0 in terminal states.
  double mean_reward(int s, int a) const;

  /// Throws Error for wrong sizes, probabilities that are negative or do not sum to 1 (within 1e-9), rewards or
  /// features that are not finite, γ outside [0, 1], or a start in a terminal state.
  void check() const;
};

/// An MDP of so many states with nothing in it: no transitions, one-hot features, no terminal state.
FiniteMdp empty_mdp(const std::string& name, int states, int actions, double gamma);

/// Chain-v0 without its time limit (env/chain.hpp): states 0, 1 and the end.
FiniteMdp chain_mdp(double gamma);
/// GridWorld-v0 without its time limit (env/grid_world.hpp): 16 cells, of which the goal is terminal.
FiniteMdp grid_world_mdp(double gamma);

struct RandomMdpOptions {
  int states = 8, actions = 3;
  int branches = 3;  ///< states that may follow a state and an action
  double end = 0.1;  ///< probability that a step is an episode's last; 0 leaves the MDP without an end
  int features = 0;  ///< standard normal features of a state; 0 gives one-hot ones
  double gamma = 0.9;
};
/// A random MDP, the same for the same seed: shares of `branches` random successors uniform and normalised, rewards
/// R(s,a,s') standard normal, a uniform start. With `end` > 0 the last state is the terminal one.
FiniteMdp random_mdp(std::uint64_t seed, const RandomMdpOptions& options = {});

/// The same MDP, whose episodes end after `horizon` steps: state (t, s) has number t·S + s, and the states of t =
/// horizon are terminal. Features do not show the time, so that a policy keeps its parameters. Throws Error unless the
/// horizon is positive.
FiniteMdp with_horizon(const FiniteMdp& mdp, int horizon);

}  // namespace pigrad::lab
