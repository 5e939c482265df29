#pragma once
#include <string>
#include <vector>

#include "fields.hpp"

namespace pigrad {

/// The names of rl/advantage.cpp's list.
std::vector<std::string> estimator_names();

/// Ψ, what multiplies ∇ log π.
struct AdvantageSettings {
  std::string estimator = "gae";
  bool baseline = true;
  std::string values = "rollout";
  std::string sum = "cut";
  bool edge_twice = false;
  bool per_episode = false;
  int n = 5;
  bool discount_time = false;
  bool normalise = true;
  double epsilon = 0;
  std::string deviation = "population";

  template <class V>
  void fields(V& v) {
    v("estimator", estimator, "Ψ, what multiplies ∇ log π (reward_to_go is undiscounted)", choices(estimator_names()));
    v("baseline", baseline, "subtract V(s) from a return or from q; td_error and gae have it inside");
    v("values", values,
      "the critic that it sees: rollout: before this epoch's fit; refitted: after; "
      "last_step: before the fit's last step",
      choices{"rollout", "refitted", "last_step"});
    v("sum", sum, "of gae: cut where an episode ends, or across: it runs on (a fault of a source)",
      choices{"cut", "across"});
    v("edge_twice", edge_twice,
      "at the epoch's edge γV' counts twice: by the critic before its fit, and in δ (a fault of a source)");
    v("per_episode", per_episode, "divide returns by the number of episodes; normalising cancels it");
    v("n", n, "steps of n_step", at_least(1));
    v("discount_time", discount_time,
      "multiply by γᵗ, as the policy-gradient theorem for the discounted start value has it");
    v("normalise", normalise, "to mean 0 and deviation 1 over the epoch");
    v("epsilon", epsilon, "added to the deviation before dividing", at_least(0));
    v("deviation", deviation, "divide by n (population, as NumPy) or n−1 (sample, as PyTorch)",
      choices{"population", "sample"});
  }
};

}  // namespace pigrad
