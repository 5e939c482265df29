#pragma once
#include <cstdint>
#include <string>

#include "advantage_settings.hpp"
#include "boundary_settings.hpp"
#include "critic_settings.hpp"
#include "fields.hpp"
#include "natural_settings.hpp"
#include "normaliser_settings.hpp"
#include "policy_settings.hpp"
#include "ppo_settings.hpp"

namespace pigrad {

/// Every setting of a run: what hparams.yaml holds and --set changes.
struct TrainSettings {
  std::string recipe = "custom";
  std::string variant = "recommended";
  std::string environment = "CartPole-v1";
  std::string algorithm = "a2c";
  std::string scalar = "float32";
  std::int64_t seed = 1;
  int threads = 0;
  int epochs = 100;
  int rollouts = 1;
  int copies = 1;
  int steps = 4000;
  bool reset_each_epoch = false;
  bool whole_episodes = false;
  int episodes = 0;
  int minibatch = 0;
  double gamma = 0.99;
  double lambda = 0.97;
  AdvantageSettings advantage;
  BoundarySettings boundary;
  PolicySettings policy;
  CriticSettings critic;
  PpoSettings ppo;
  NaturalSettings natural;
  ObservationSettings observation;
  RewardSettings reward;
  int evaluate_episodes = 100;
  int evaluate_every = 0;
  int checkpoint_every = 10;
  int checkpoints_kept = 10;
  int gif_every = 0;
  int grad_metrics = 0;
  std::string log = "csv";
  std::string source_metrics = "epoch";
  std::string source_figure = "none";

  /// Rollouts that the run learns from.
  int rounds() const { return epochs * rollouts; }
  template <class V>
  void fields(V& v) {
    v("recipe", recipe, "name of the recipe that these settings came from");
    v("variant", variant, "recommended: what is known to be right; source: as the published code computes");
    v("environment", environment, "see `pigrad list environments`");
    v("algorithm", algorithm, "see `pigrad list algorithms`");
    v("scalar", scalar, "of parameters, gradients and environments", choices{"float32", "float64"});
    v("seed", seed, "of every random number of the run", at_least(0));
    v("threads", threads, "0: all cores. The results do not depend on it", at_least(0));
    v("epochs", epochs, "rows of metrics, and the grain of checkpoints and evaluations", at_least(1));
    v("rollouts", rollouts,
      "collect, estimate, update: that many times an epoch. "
      "How a run is cut into epochs changes nothing that it learns",
      at_least(1));
    v("copies", copies, "E: environments stepped side by side", at_least(1));
    v("steps", steps, "T: steps of each copy in a rollout", at_least(1));
    v("reset_each_epoch", reset_each_epoch, "begin every rollout with new episodes instead of going on");
    v("whole_episodes", whole_episodes, "each copy plays whole episodes until at least `steps` steps: no path is cut");
    v("episodes", episodes, "with whole_episodes: how many a rollout has, over all copies; 0: as `steps` says",
      at_least(0));
    v("minibatch", minibatch, "rows of an optimiser step, in the rollout's order; 0: the whole rollout", at_least(0));
    v("gamma", gamma, "γ, the discount", range(0, 1));
    v("lambda", lambda, "λ of the generalised advantage", range(0, 1));
    v.group("advantage", advantage);
    v.group("boundary", boundary);
    v.group("policy", policy);
    v.group("critic", critic);
    v.group("ppo", ppo);
    v.group("natural", natural);
    v.group("observation", observation);
    v.group("reward", reward);
    v("evaluate_episodes", evaluate_episodes, "episodes of an evaluation, greedy and sampled", at_least(1));
    v("evaluate_every", evaluate_every, "epochs between evaluations, 0: at the end only", at_least(0));
    v("checkpoint_every", checkpoint_every, "epochs between checkpoints, 0: at the end only", at_least(0));
    v("checkpoints_kept", checkpoints_kept, "of those, how many stay as epoch-N.safetensors, the newest", at_least(0));
    v("gif_every", gif_every, "epochs between animations of the policy in the run folder, 0: none", at_least(0));
    v("grad_metrics", grad_metrics,
      "measure the gradients' quality in every so manyth update, the first included; 0: never. Nothing learnt changes",
      at_least(0));
    v("log", log, "files of metrics that the run leaves: its table, and TensorBoard's event files beside it",
      choices{"csv", "csv,tensorboard"});
    v("source_metrics", source_metrics,
      "losses and their change measured on the whole epoch; on its last minibatch, as the source prints; "
      "or on the first before its step alone, which saves a pass and leaves out change and KL",
      choices{"epoch", "last_minibatch", "first_step"});
    v("source_figure", source_figure,
      "a figure that a source prints, beside the true mean: "
      "score: all rewards and the edge's γV' by the number of ends; "
      "avg_return: mean over episodes of the first step's Ψ before its baseline",
      choices{"none", "score", "avg_return"});
  }
};

}  // namespace pigrad
