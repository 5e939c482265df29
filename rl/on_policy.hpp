#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "algorithm.hpp"
#include "collector.hpp"
#include "descent.hpp"
#include "episode_statistics.hpp"
#include "estimates.hpp"
#include "fit.hpp"
#include "hooks.hpp"
#include "learner.hpp"
#include "metric_means.hpp"
#include "recorder.hpp"

namespace pigrad {

/// What the on-policy algorithms share: agent, collector, rollout, estimates, evaluation, checkpoints, and the two
/// optimiser steps. An algorithm is an estimate() and an update() written as its paper writes them.
///
/// Who owns the loop: epoch() where the environment is ours; act(), observe(), update() where it is somebody else's.
template <class T>
class OnPolicy : public Algorithm {
 public:
  Metrics epoch(int threads) override;
  void share(Group& group) override;
  const std::vector<Episode>& episodes() const override { return episodes_; }
  int epochs_done() const override { return rounds_done_ / settings_.rollouts; }
  std::int64_t steps_done() const override { return steps_done_; }
  const ParameterLayout& layout() const override { return agent_.layout(); }
  const TrainSettings& settings() const override { return settings_; }
  const Spec& spec() const override { return agent_.spec(); }
  Evaluation evaluate(int episodes, bool greedy, int threads) const override;
  void watch(const Watch& watch) const override;
  void save(State& state) const override;
  void load(const State& state) override;

  /// The losses that an update lowers, in order. Empty where it is no descent (npg, trpo).
  virtual std::vector<Descent<T>> descents() const { return {}; }

  const Agent<T>& agent() const { return agent_; }
  Agent<T>& agent() { return agent_; }
  /// The last rollout, its Ψ and its returns-to-go [rows].
  const Rollout<T>& rollout() const { return rollout_; }
  const std::vector<T>& advantages() const { return estimates_.advantages(); }
  const std::vector<T>& returns() const { return estimates_.returns(); }
  const Estimates<T>& estimates() const { return estimates_; }

  /// The policy's action for one observation [features] of copy `copy`, sampled. Discrete: index, else `action`
  /// [dimensions]. Copies act and observe in any order, until ready(). Only where the environment is somebody else's.
  int act(const T* obs, T* action = nullptr, int copy = 0);
  /// What that action led to. next_obs [features] is the observation after it; where the episode ended, its last one.
  void observe(T reward, bool terminated, bool truncated, const T* next_obs, int copy = 0);
  /// The rollout is full: settings.steps observations of every copy.
  bool ready() const { return recorder_ && recorder_->full(); }
  /// Learns from the full rollout and begins a new one. The metrics are of this rollout, and the epoch's hook is called
  /// after each, whatever settings().rollouts.
  Metrics update(int threads = 1);
  /// Calls the user's functions from now on.
  void attach(Hooks<T> hooks) { hooks_ = std::move(hooks); }
  /// A hook ended the run. epoch() and update() still serve who wants to go on.
  bool stopped() const { return stopped_; }
  /// Epochs until settings().epochs are done or a hook ends the run.
  void run(int threads) {
    while (epochs_done() < settings_.epochs && !stopped_) epoch(threads);
  }
  /// Learns from a rollout that the caller filled, for instance from data of another program. As update(), without
  /// collecting: observations are as the policy sees them, rewards as they are learnt from. Throws Error if its sizes
  /// or actions do not fit.
  Metrics learn(const Rollout<T>& rollout, int threads = 1);

 protected:
  /// @param environments null where the environment is somebody else's
  OnPolicy(const TrainSettings& settings, const Spec& spec, const Registry* environments, bool with_critic);

  /// Finds what improve needs of the rollout.
  virtual void estimate(int threads) = 0;
  /// Moves the parameters.
  virtual void improve(int threads, Metrics& metrics) = 0;

  /// V, V', returns-to-go and Ψ of the rollout by the settings, Ψ normalised over the learning rows if asked.
  void find_advantages(int threads, bool normalise = true) {
    estimates_.find_returns(threads);
    estimates_.find_advantages(threads, false, normalise);
  }
  /// Rows in losses: see Estimates.
  const std::int32_t* order() const { return estimates_.order(); }
  int learning_row_count() const { return estimates_.learning_rows(); }

  /// fit_in_order over the learning rows. Outputs of the learner's program stand as of after, or, without it, as of the
  /// last step. `before_last_step` is called before the last of all steps.
  Fit<double> fit(Learner<T>& learner, const std::vector<T>& weight, int steps, int threads,
                  const std::function<void()>& before_last_step = {});

  /// The first pass of a learner over the whole rollout takes what acting, or valuing, found in the networks
  /// (Handover).
  template <class L>
  void acting_serves(L& learner) {
    if (!collector_ || settings_.whole_episodes) return;
    of_acting_ =
        std::make_unique<Handover<T>>(agent_.parameters(), agent_.policy_range(), agent_.acting(), learner.program());
    collector_->hand_over(of_acting_.get());
    learner.take_from(of_acting_.get());
  }
  template <class L>
  void valuing_serves(L& learner) {
    if (!agent_.has_value()) return;
    const ParameterRange all{0, agent_.layout().size()};
    of_valuing_ = std::make_unique<Handover<T>>(agent_.parameters(), all, agent_.valuing(), learner.program());
    estimates_.hand_over(of_valuing_.get());
    learner.take_from(of_valuing_.get());
  }

  /// Tells the user's hook of a step.
  void note_step(const Optimiser<T>& optimiser, int rows, double loss, double grad_norm,
                 const std::vector<T>& gradient);
  /// The same of a step without an optimiser.
  void note_step(const std::string& name, int rows, double loss, double grad_norm, const std::vector<T>& gradient);

  /// Names a learner for checkpoints, which then hold its optimiser.
  void remember(const std::string& name, Learner<T>& learner) { remember(name, learner.optimiser()); }
  void remember(const std::string& name, Optimiser<T>& optimiser) { optimisers_.emplace_back(name, &optimiser); }

  TrainSettings settings_;
  Agent<T> agent_;
  std::unique_ptr<VectorEnv<T>> env_;
  std::unique_ptr<Collector<T>> collector_;  ///< null where the environment is somebody else's
  std::unique_ptr<Recorder<T>> recorder_;    ///< null where it is ours
  const Registry* environments_;
  std::optional<RewardScaler> rewards_;
  Rollout<T> rollout_;
  Estimates<T> estimates_;
  int rounds_done_ = 0;  ///< rollouts learnt from, settings_.rollouts an epoch
  std::int64_t steps_done_ = 0;

 private:
  /// While one lives, the agent's learners and critics share their runs with the group; hooks are one process's own.
  class Sharing {
   public:
    Sharing(Agent<T>& agent, Group* group) : agent_(&agent), before_(agent.group()) { agent.share(group); }
    ~Sharing() { agent_->share(before_); }
    Sharing(const Sharing&) = delete;
    Sharing& operator=(const Sharing&) = delete;

   private:
    Agent<T>* agent_;
    Group* before_;
  };
  void collect(int threads);
  void learn_from_rollout(int threads, MetricMeans& means);
  Metrics finish_epoch(const MetricMeans& means);
  Metrics learn_one(int threads);

  Group* group_ = nullptr;
  EpisodeStatistics statistics_;
  std::unique_ptr<Handover<T>> of_acting_, of_valuing_;
  std::vector<Episode> episodes_;
  Hooks<T> hooks_;
  bool stopped_ = false;
  std::vector<std::pair<std::string, Optimiser<T>*>> optimisers_;
};

}  // namespace pigrad
