#pragma once
#include <string>

#include "fields.hpp"

namespace pigrad {

/// What the networks see of an observation.
struct ObservationSettings {
  bool normalise = false;
  std::string statistics = "step";
  double clip = 10;
  double epsilon = 1e-8;

  template <class V>
  void fields(V& v) {
    v("normalise", normalise, "networks see (x − mean)/√(variance + ε), by running statistics of all observations");
    v("statistics", statistics,
      "when those move: step: with each step of all copies, which one thread then steps together, as Gymnasium and "
      "Stable-Baselines3; rollout: after each rollout, which any number of threads then collect",
      choices{"step", "rollout"});
    v("clip", clip, "normalised observations end at ± this", more_than(0));
    v("epsilon", epsilon, "keeps the division finite", more_than(0));
  }
};

/// What is learnt from of a reward. Episodes' returns are reported as the environment gave them.
struct RewardSettings {
  bool scale = false;
  double clip = 0;
  double epsilon = 1e-8;

  template <class V>
  void fields(V& v) {
    v("scale", scale, "divide by √(variance + ε) of the running discounted return, as Gymnasium and Stable-Baselines3");
    v("clip", clip, "rewards, scaled if asked, end at ± this; 0: nowhere", at_least(0));
    v("epsilon", epsilon, "keeps the division finite", more_than(0));
  }
};

}  // namespace pigrad
