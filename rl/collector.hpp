#pragma once
#include <memory>
#include <vector>

#include "../env/vector_env.hpp"
#include "agent.hpp"
#include "rollout.hpp"
#include "state.hpp"

namespace pigrad {

/// Acts in copies of an environment and fills rollouts. Every copy's actions, resets and rewards depend on the seed,
/// the copy and its own steps alone: copies are dealt to threads freely.
template <class T>
class Collector {
 public:
  /// @param agent and env outlive the collector
  Collector(const Agent<T>& agent, VectorEnv<T>& env, std::uint64_t seed);

  /// `steps` steps of every copy, going on where the last call stopped. Never more rows than int can count.
  void collect(int steps, int threads, Rollout<T>& rollout);
  /// Every copy begins a new episode with the next collect; what was running is forgotten.
  void restart();
  /// Whole episodes of copy 0 until at least `min_steps` steps, one after another: a rollout of one copy without an
  /// edge. Throws Error if an episode has not ended after `max_steps` steps.
  void collect_episodes(int min_steps, int max_steps, Rollout<T>& rollout);

  std::int64_t total_steps() const { return steps_done_ * env_->copies(); }
  void save(State& state) const;
  void load(const State& state);

 private:
  void prepare(int steps, Rollout<T>& rollout);
  void run_copies(int begin, int end, Actor<T>& actor, Rollout<T>& rollout);
  void note_episodes(Rollout<T>& rollout) const;

  const Agent<T>* agent_;
  VectorEnv<T>* env_;
  Random random_;
  std::vector<std::unique_ptr<Actor<T>>> actors_;
  std::vector<T> obs_;  ///< [features × E] the present observations
  std::vector<double> episode_return_;
  std::vector<std::int32_t> episode_length_;
  std::int64_t steps_done_ = 0;  ///< steps of each copy since the beginning: the counter of its action draws
};

}  // namespace pigrad
