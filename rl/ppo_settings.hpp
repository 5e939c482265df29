#pragma once
#include <string>

#include "fields.hpp"

namespace pigrad {

/// The choices of proximal policy optimisation (Schulman et al. 2017) that the paper and its followers settle
/// differently. Those that it shares with other algorithms are elsewhere: docs/ppo.md has all.
struct PpoSettings {
  int passes = 10;
  std::string order = "shuffled";
  double clip = 0.2;
  std::string clip_schedule = "constant";
  double value_clip = 0;
  std::string value_clip_form = "max";
  std::string advantages = "minibatch";
  double target_kl = 0;
  std::string optimisers = "joint";

  template <class V>
  void fields(V& v) {
    v("passes", passes, "K: how often an update goes over the rollout", at_least(1));
    v("order", order, "of the rows in a pass: shuffled, anew for each pass, or as in the rollout",
      choices{"shuffled", "rollout"});
    v("clip", clip, "ε: the ratio counts as 1 ± ε where it would gain by going beyond", more_than(0));
    v("clip_schedule", clip_schedule, "how clip and value_clip move over the run, as a learning rate's schedule");
    v("value_clip", value_clip, "the value may move this far from the one before the update; 0: as far as it likes",
      at_least(0));
    v("value_clip_form", value_clip_form,
      "max: the larger of the clipped and the plain squared error, as OpenAI's Baselines; clipped: that of the clipped "
      "value alone, as Stable-Baselines3",
      choices{"max", "clipped"});
    v("advantages", advantages, "what advantage.normalise is over: each minibatch, or the whole rollout",
      choices{"minibatch", "rollout"});
    v("target_kl", target_kl, "stop the update before a step where approx_kl is over 1.5 times this; 0: never",
      at_least(0));
    v("optimisers", optimisers,
      "joint: the policy's optimiser moves the critic too; separate: the critic has its own, and goes on where "
      "target_kl "
      "stops the policy",
      choices{"joint", "separate"});
  }
};

}  // namespace pigrad
