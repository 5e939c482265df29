#include "on_policy.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "checks.hpp"
#include "counts.hpp"
#include "evaluate.hpp"
#include "policy_words.hpp"

namespace pigrad {

template <class T>
OnPolicy<T>::OnPolicy(const TrainSettings& settings, const Spec& spec, const Registry* environments, bool with_critic)
    : settings_(checked(settings, spec, with_critic)),
      agent_(spec, settings.policy, with_critic ? &settings.critic : nullptr,
             static_cast<std::uint64_t>(settings.seed)),
      environments_(environments),
      estimates_(settings_, agent_) {
  const auto seed = static_cast<std::uint64_t>(settings.seed);
  if (settings.observation.normalise) agent_.normalise(settings.observation);
  if (settings.reward.scale || settings.reward.clip > 0)
    rewards_.emplace(settings.whole_episodes ? 1 : settings.copies, settings.gamma, settings.reward);
  if (environments) {
    env_ = environments->make<T>(settings.environment, settings.copies, seed);
    collector_ = std::make_unique<Collector<T>>(agent_, *env_, seed, agent_.normaliser());
  } else {
    recorder_ = std::make_unique<Recorder<T>>(agent_, settings.steps, settings.copies, seed, agent_.normaliser());
  }
}

template <class T>
void OnPolicy<T>::share(Group& group) {
  require(collector_ != nullptr, "share", "this algorithm has no environment of its own, whose copies could be dealt",
          "make it from a Registry");
  group_ = &group;
  collector_->share(&group);
  if (group.size() == 1) return;
  // What acting and valuing leave is of a process's own rows, and a loss's shards are others.
  collector_->hand_over(nullptr);
  estimates_.hand_over(nullptr);
}

template <class T>
void OnPolicy<T>::collect(int threads) {
  if (settings_.whole_episodes) {
    const int limit = spec().max_steps > 0 ? spec().max_steps : endless_episode;
    collector_->collect_episodes({settings_.episodes, settings_.steps, limit}, threads, rollout_);
  } else {
    if (settings_.reset_each_epoch && rounds_done_ > 0) {
      collector_->restart();
      if (rewards_) rewards_->restart();
    }
    collector_->collect(settings_.steps, threads, rollout_);
  }
}

template <class T>
Metrics OnPolicy<T>::epoch(int threads) {
  require(collector_ != nullptr, "epoch", "this algorithm has no environment of its own",
          "use act, observe and update");
  const auto begin = std::chrono::steady_clock::now();
  const std::int64_t steps_before = steps_done_;
  MetricMeans means;
  episodes_.clear();
  do {
    collect(threads);
    if (rewards_) rewards_->apply(rollout_);
    learn_from_rollout(threads, means);
  } while (rounds_done_ % settings_.rollouts != 0);
  Metrics metrics = finish_epoch(means);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  metrics.emplace_back("time/fps", static_cast<double>(steps_done_ - steps_before) / seconds);
  metrics.emplace_back("time/total_timesteps", static_cast<double>(steps_done_));
  return metrics;
}

template <class T>
void OnPolicy<T>::learn_from_rollout(int threads, MetricMeans& means) {
  Metrics metrics;
  estimates_.begin(rollout_);
  if (hooks_.episode)
    for (const Episode& episode : rollout_.episodes) hooks_.episode(episode);
  {
    const Sharing all(agent_, group_);
    estimate(threads);
  }
  if (hooks_.estimated) hooks_.estimated(threads);
  {
    const Sharing all(agent_, group_);
    improve(threads, metrics);
  }
  if (hooks_.learnt) hooks_.learnt(threads);
  if (settings_.source_figure == "score") metrics.emplace_back("rollout/source_score", estimates_.score());
  if (settings_.source_figure == "avg_return")
    metrics.emplace_back("rollout/source_avg_return", estimates_.avg_return());
  ++rounds_done_;
  steps_done_ += rollout_.rows();
  episodes_.insert(episodes_.end(), rollout_.episodes.begin(), rollout_.episodes.end());
  means.add(metrics);
}

template <class T>
Metrics OnPolicy<T>::finish_epoch(const MetricMeans& means) {
  Metrics metrics;
  statistics_.report(episodes_, metrics);
  means.report(metrics);
  if (hooks_.epoch) stopped_ = !hooks_.epoch(metrics);
  return metrics;
}

template <class T>
Metrics OnPolicy<T>::learn_one(int threads) {
  MetricMeans means;
  episodes_.clear();
  learn_from_rollout(threads, means);
  return finish_epoch(means);
}

template <class T>
Metrics OnPolicy<T>::learn(const Rollout<T>& rollout, int threads) {
  check_rollout(rollout, agent_);
  rollout_ = rollout;
  if (collector_) collector_->forget_values();
  return learn_one(threads);
}

template <class T>
int OnPolicy<T>::act(const T* obs, T* action, int copy) {
  require(recorder_ != nullptr, "act", "this algorithm steps an environment of its own",
          "call epoch(), or make it from a Spec instead of a Registry");
  require(!settings_.whole_episodes, "whole_episodes",
          "in a loop of your own a rollout is full after steps × copies observations",
          "set whole_episodes=false, or fill whole episodes and call learn()");
  return recorder_->act(obs, action, copy);
}

template <class T>
void OnPolicy<T>::observe(T reward, bool terminated, bool truncated, const T* next_obs, int copy) {
  require(recorder_ != nullptr, "observe", "no action waits for its outcome", "call act() first");
  recorder_->observe(reward, terminated, truncated, next_obs, copy);
}

template <class T>
Metrics OnPolicy<T>::update(int threads) {
  require(recorder_ != nullptr, "update", "this algorithm steps an environment of its own", "call epoch()");
  recorder_->take(rollout_);
  if (rewards_) rewards_->apply(rollout_);
  return learn_one(threads);
}

template <class T>
Fit<double> OnPolicy<T>::fit(Learner<T>& learner, const std::vector<T>& weight, int steps, int threads,
                             const std::function<void()>& before_last_step) {
  learner.begin_round(rounds_done_, settings_.rounds());
  learner.divide_by(estimates_.paths());
  struct Run {
    OnPolicy* self;
    Learner<T>* learner;
    const T* weight;
    int threads;
    const std::function<void()>* before_last_step;
    mutable int count = 0;

    void bind(int begin, int rows) const {
      count = rows;
      learner->bind(self->rollout_, weight, self->order(), begin, rows);
    }
    double look() const { return learner->loss(threads); }
    double step(bool last) const {
      if (*before_last_step && last) (*before_last_step)();
      const bool unseen = last && self->settings_.source_metrics == "first_step";
      const double loss = learner->descend(threads, unseen);
      self->note_step(learner->optimiser(), count, loss, learner->grad_norm(), learner->gradient());
      return loss;
    }
  };
  return fit_in_order<double>(settings_, learning_row_count(), steps,
                              Run{this, &learner, weight.data(), threads, &before_last_step});
}

template <class T>
void OnPolicy<T>::note_step(const Optimiser<T>& optimiser, int rows, double loss, double grad_norm,
                            const std::vector<T>& gradient) {
  if (!hooks_.step) return;
  const Sharing alone(agent_, nullptr);
  for (const auto& [name, known] : optimisers_)
    if (known == &optimiser) hooks_.step({name, rows, loss, grad_norm, gradient});
}

template <class T>
void OnPolicy<T>::note_step(const std::string& name, int rows, double loss, double grad_norm,
                            const std::vector<T>& gradient) {
  if (!hooks_.step) return;
  const Sharing alone(agent_, nullptr);
  hooks_.step({name, rows, loss, grad_norm, gradient});
}

template <class T>
Evaluation OnPolicy<T>::evaluate(int episodes, bool greedy, int threads) const {
  require(environments_ != nullptr, "evaluate", "this algorithm has no environment of its own",
          "act in yours with agent() and an Actor");
  return pigrad::evaluate(agent_, *environments_, settings_.environment, episodes, greedy,
                          static_cast<std::uint64_t>(settings_.seed), threads);
}

template <class T>
void OnPolicy<T>::watch(const Watch& watch) const {
  require(environments_ != nullptr, "watch", "this algorithm has no environment of its own",
          "act in yours with agent() and an Actor");
  pigrad::evaluate(agent_, *environments_, settings_.environment, watch.episodes, watch.greedy, watch.seed, 1, &watch);
}

template <class T>
void OnPolicy<T>::save(State& state) const {
  for (const Segment& s : agent_.layout().segments())
    state.put_matrix(s.name, agent_.parameters().data(s.name), s.rows, s.columns);
  state.put("progress", std::vector<std::int64_t>{rounds_done_, steps_done_});
  describe_policy(agent_, settings_, state);
  statistics_.save(state);
  estimates_.save(state);
  if (collector_) collector_->save(state);
  if (recorder_) recorder_->save(state);
  if (agent_.normaliser()) agent_.normaliser()->save(state);
  if (rewards_) rewards_->save(state);
  for (const auto& [name, optimiser] : optimisers_) {
    state.put(name, optimiser->settings().name);
    state.put(name + ".steps", std::vector<std::int64_t>{optimiser->steps()});
    for (const auto& array : optimiser->state())
      state.put(name + "." + array.name, std::vector<T>(array.data, array.data + array.size));
  }
}

template <class T>
void OnPolicy<T>::load(const State& state) {
  for (const Segment& s : agent_.layout().segments()) {
    const auto& values = state.reals<T>(s.name, s.size());
    std::copy(values.begin(), values.end(), agent_.parameters().data(s.name));
  }
  agent_.parameters().touch();
  const auto& progress = counts(state, "progress", 2);
  require(progress[0] < std::numeric_limits<int>::max(), "checkpoint", "'progress' is beyond 2³¹ rollouts",
          "the file is damaged: take an earlier one");
  rounds_done_ = static_cast<int>(progress[0]);
  steps_done_ = progress[1];
  statistics_.load(state);
  estimates_.load(state);
  if (collector_) collector_->load(state);
  if (recorder_) recorder_->load(state);
  if (agent_.normaliser()) agent_.normaliser()->load(state);
  if (rewards_) rewards_->load(state);
  for (const auto& [name, optimiser] : optimisers_) {
    if (state.words(name) != optimiser->settings().name)
      throw Error("checkpoint", "its " + name + " is " + state.words(name), "use a checkpoint of these settings");
    optimiser->set_steps(counts(state, name + ".steps", 1)[0]);
    for (const auto& array : optimiser->state()) {
      const auto& values = state.reals<T>(name + "." + array.name, array.size);
      std::copy(values.begin(), values.end(), array.data);
    }
  }
}

template class OnPolicy<float>;
template class OnPolicy<double>;

}  // namespace pigrad
