#pragma once
#include <string>

#include "fields.hpp"
#include "loss_reduction.hpp"
#include "network_settings.hpp"
#include "optimiser_choice.hpp"

namespace pigrad {

/// The critic and what it is fitted to.
struct CriticSettings {
  std::string kind = "mlp";
  bool time = false;
  NetworkSettings network;
  OptimiserChoice optimiser{.learning_rate = 1e-3};
  std::string target = "returns";
  std::string gradient = "frozen";
  std::string scale = "none";
  std::string loss = "mse";
  double coefficient = 0.5;
  std::string loss_reduction = "mean";
  int steps_per_minibatch = 1;

  /// Q(s, a), not V(s).
  bool of_actions() const { return kind == "q" || kind == "q_action"; }
  template <class V>
  void fields(V& v) {
    v("kind", kind,
      "mlp: V(s) by the network below; linear: by one linear layer, whatever the hidden sizes; shared: by one on the "
      "policy's hidden layers (ppo and a2c-joint); q: Q(s, a), an output an action; q_action: Q(s, a) of state and "
      "action (one column a choice, or the action's dimensions)",
      choices{"mlp", "linear", "shared", "q", "q_action"});
    v("time", time, "it also sees t/limit, steps of the episode so far by the time limit: then the horizon is real");
    v.group("network", network);
    v.group("optimiser", optimiser);
    v("target", target,
      "what it fits: returns-to-go; bellman: r + γV'; n_step: advantage.n rewards and γⁿV'; lambda: GAE + V",
      choices{"returns", "bellman", "n_step", "lambda"});
    v("gradient", gradient,
      "through the targets' bootstrap values: frozen: they are found once an epoch; detached: anew at each step; "
      "attached: anew, and the gradient flows through them too, as one source has it",
      choices{"frozen", "detached", "attached"});
    v("scale", scale, "returns: the network fits returns standardised over the epoch, V = output·deviation + mean",
      choices{"none", "returns"});
    v("loss", loss,
      "mse: mean (V−R)²; broadcast: mean over all pairs (V_i−R_j)², whose optimum is the minibatch's mean return",
      choices{"mse", "broadcast"});
    v("coefficient", coefficient, "c_v of the value loss in the one loss of ppo and a2c-joint", at_least(0));
    v("loss_reduction", loss_reduction, loss_reduction_words, loss_reductions());
    v("steps_per_minibatch", steps_per_minibatch, "optimiser steps on each minibatch", at_least(1));
  }
};

}  // namespace pigrad
