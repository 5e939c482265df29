#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../nn/distribution.hpp"
#include "../nn/mlp.hpp"
#include "../nn/optimiser.hpp"
#include "fields.hpp"
#include "normaliser_settings.hpp"
#include "ppo_settings.hpp"

namespace pigrad {

/// A network: hidden sizes, activations, starts.
struct NetworkSettings {
  std::vector<int> hidden = {64, 64};
  std::string activation = "tanh";
  std::string output_activation = "identity";
  std::string initial_weights = "pytorch";
  std::string initial_output = "pytorch";
  std::string initial_biases = "pytorch";

  MlpSettings mlp() const { return {hidden, activation_of(activation), activation_of(output_activation)}; }
  template <class V>
  void fields(V& v) {
    v("hidden", hidden, "widths of the hidden layers; none makes a linear network", at_least(1));
    v("activation", activation, "after each hidden layer", choices(activation_names()));
    v("output_activation", output_activation, "after the last layer", choices(activation_names()));
    v("initial_weights", initial_weights,
      "start of the hidden weights: pytorch, zeros, orthogonal:GAIN, xavier_uniform, …");
    v("initial_output", initial_output, "start of the last layer's weights, as above");
    v("initial_biases", initial_biases, "start of the biases, as above");
  }
};

/// An optimiser as people set it: the numbers of nn/optimiser.hpp that a run may change.
struct OptimiserChoice {
  std::string name = "adam";
  double learning_rate = 3e-4;
  std::string schedule = "constant";
  double weight_decay = 0;
  double momentum = 0;
  double beta1 = 0.9, beta2 = 0.999, alpha = 0.99, epsilon = 1e-8;
  bool epsilon_inside = false;
  double initial_mean_square = 0;
  double max_grad_norm = 0;

  bool operator==(const OptimiserChoice&) const = default;
  OptimiserSettings settings(bool maximise = false) const {
    OptimiserSettings s = OptimiserSettings::of(name);
    s.learning_rate = learning_rate;
    s.weight_decay = weight_decay;
    s.maximise = maximise;
    if (name == "sgd" || name == "rmsprop") s.momentum = momentum;
    if (name == "adam" || name == "adamw") s.beta1 = beta1, s.beta2 = beta2;
    if (name == "rmsprop")
      s.alpha = alpha, s.epsilon_inside = epsilon_inside, s.initial_mean_square = initial_mean_square;
    if (name != "sgd") s.epsilon = epsilon;
    return s;
  }
  template <class V>
  void fields(V& v) {
    v("name", name, "the optimiser", choices(optimiser_names()));
    v("learning_rate", learning_rate, "step size", at_least(0));
    v("schedule", schedule, "how the step size moves over the run: constant, linear:END, cosine:END, …");
    v("weight_decay", weight_decay, "λ: added to the gradient, or decoupled in adamw", at_least(0));
    v("momentum", momentum, "of sgd and rmsprop", at_least(0));
    v("beta1", beta1, "of adam and adamw: decay of the mean gradient", range(0, 1));
    v("beta2", beta2, "of adam and adamw: decay of the mean square", range(0, 1));
    v("alpha", alpha, "of rmsprop: decay of the mean square", range(0, 1));
    v("epsilon", epsilon, "of adam, adamw, rmsprop: keeps the division finite", at_least(0));
    v("epsilon_inside", epsilon_inside, "of rmsprop: ε under the root, as TensorFlow, not beside it, as PyTorch");
    v("initial_mean_square", initial_mean_square, "of rmsprop: before the first step; 1 as TensorFlow, 0 as PyTorch",
      at_least(0));
    v("max_grad_norm", max_grad_norm, "clip the gradient's global norm to this; 0 = no clipping", at_least(0));
  }
};

/// The names of rl/losses.cpp's reductions: what a loss does with its rows' terms.
inline Choices loss_reductions() { return {"mean", "sum", "per_episode"}; }
inline constexpr const char* loss_reduction_words =
    "of the rows' terms: their mean, their sum, or their sum divided by the number of the epoch's episodes";

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
      "the critic that it sees: rollout: before this epoch's fit; refitted: after; last_step: before the fit's last "
      "step",
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

/// What stands for the value after a cut path.
struct BoundarySettings {
  std::string truncation = "bootstrap";
  std::string edge = "bootstrap";
  bool edge_over_end = false;

  template <class V>
  void fields(V& v) {
    v("truncation", truncation,
      "at a time limit: bootstrap from V(final observation), or terminate: 0, as if the task had ended",
      choices{"bootstrap", "terminate"});
    v("edge", edge,
      "at the epoch's edge: bootstrap from V(next observation); last_reward: the last reward stands for V; drop: leave "
      "the "
      "unfinished episode out",
      choices{"bootstrap", "last_reward", "drop"});
    v("edge_over_end", edge_over_end,
      "apply the edge's rule to an episode that ended exactly there too (a fault of the source)");
  }
};

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
  ObservationSettings observation;
  RewardSettings reward;
  int evaluate_episodes = 100;
  int evaluate_every = 0;
  int checkpoint_every = 10;
  int checkpoints_kept = 10;
  int gif_every = 0;
  std::string log = "csv";
  std::string source_metrics = "epoch";
  std::string source_figure = "none";

  template <class V>
  void fields(V& v) {
    v("recipe", recipe, "name of the recipe that these settings came from");
    v("variant", variant, "recommended: what is known to be right; source: as the published code computes");
    v("environment", environment, "see `pigrad list environments`");
    v("algorithm", algorithm, "see `pigrad list algorithms`");
    v("scalar", scalar, "of parameters, gradients and environments", choices{"float32", "float64"});
    v("seed", seed, "of every random number of the run", at_least(0));
    v("threads", threads, "0: all cores. The results do not depend on it", at_least(0));
    v("epochs", epochs, "collect, estimate, update: that many times", at_least(1));
    v("copies", copies, "E: environments stepped side by side", at_least(1));
    v("steps", steps, "T: steps of each copy in an epoch", at_least(1));
    v("reset_each_epoch", reset_each_epoch, "begin every epoch with new episodes instead of going on");
    v("whole_episodes", whole_episodes, "each copy plays whole episodes until at least `steps` steps: no path is cut");
    v("episodes", episodes, "with whole_episodes: how many an epoch plays, over all copies; 0: as `steps` says",
      at_least(0));
    v("minibatch", minibatch, "rows of an optimiser step, in the rollout's order; 0: the whole rollout", at_least(0));
    v("gamma", gamma, "γ, the discount", range(0, 1));
    v("lambda", lambda, "λ of the generalised advantage", range(0, 1));
    v.group("advantage", advantage);
    v.group("boundary", boundary);
    v.group("policy", policy);
    v.group("critic", critic);
    v.group("ppo", ppo);
    v.group("observation", observation);
    v.group("reward", reward);
    v("evaluate_episodes", evaluate_episodes, "episodes of an evaluation, greedy and sampled", at_least(1));
    v("evaluate_every", evaluate_every, "epochs between evaluations, 0: at the end only", at_least(0));
    v("checkpoint_every", checkpoint_every, "epochs between checkpoints, 0: at the end only", at_least(0));
    v("checkpoints_kept", checkpoints_kept, "of those, how many stay as epoch-N.safetensors, the newest", at_least(0));
    v("gif_every", gif_every, "epochs between animations of the policy in the run folder, 0: none", at_least(0));
    v("log", log, "files of metrics that the run leaves: its table, and TensorBoard's event files beside it",
      choices{"csv", "csv,tensorboard"});
    v("source_metrics", source_metrics,
      "losses and their change measured on the whole epoch, or on its last minibatch, as the source prints",
      choices{"epoch", "last_minibatch"});
    v("source_figure", source_figure,
      "a figure that a source prints, beside the true mean: score: all rewards and the edge's γV' by the number of "
      "ends; "
      "avg_return: mean over episodes of the first step's Ψ before its baseline",
      choices{"none", "score", "avg_return"});
  }
};

}  // namespace pigrad
