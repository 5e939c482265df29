#pragma once
#include <string>

#include "../nn/distribution.hpp"
#include "fields.hpp"
#include "loss_reduction.hpp"
#include "network_settings.hpp"
#include "optimiser_choice.hpp"

namespace pigrad {

/// The policy: network, distribution, optimiser.
struct PolicySettings {
  NetworkSettings network;
  DistributionSettings distribution;
  OptimiserChoice optimiser;
  std::string loss_reduction = "mean";
  int steps_per_minibatch = 1;
  double entropy_bonus = 0;

  template <class V>
  void fields(V& v) {
    v.group("network", network);
    v("distribution", distribution.name, "of the actions", choices(distribution_names()));
    v("log_prob", distribution.log_prob, "of categorical: the log-softmax, or the log of a softmax, which underflows",
      choices{"log_softmax", "log_of_softmax"});
    v("spread", distribution.spread, "of gaussian: a constant, one learned number a dimension, or the network's output",
      choices{"fixed", "learned", "state"});
    v("spread_is", distribution.spread_is, "of gaussian: what that number means", choices{"log_std", "log_variance"});
    v("initial_spread", distribution.initial_spread, "of gaussian: where a fixed or learned spread starts");
    v.group("optimiser", optimiser);
    v("loss_reduction", loss_reduction, loss_reduction_words, loss_reductions());
    v("steps_per_minibatch", steps_per_minibatch, "optimiser steps on each minibatch", at_least(1));
    v("entropy_bonus", entropy_bonus, "c in the objective's + c·H", at_least(0));
  }
};

}  // namespace pigrad
