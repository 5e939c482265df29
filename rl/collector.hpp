#pragma once
#include <memory>
#include <vector>

#include "../env/vector_env.hpp"
#include "agent.hpp"
#include "normaliser.hpp"
#include "rollout.hpp"
#include "state.hpp"

namespace pigrad {

/// Acts in copies of an environment and fills rollouts. Every copy's actions, resets and rewards depend on the seed,
/// the copy and its own steps alone: copies are dealt to threads freely.
template <class T>
class Collector {
 public:
  /// @param agent, env and normaliser outlive the collector
  /// @param normaliser null: the policy sees observations as they are. Otherwise the rollout holds what it saw, and a
  /// row's final observation is normalised as the row's own; whole episodes cannot be collected
  Collector(const Agent<T>& agent, VectorEnv<T>& env, std::uint64_t seed, ObservationNormaliser* normaliser = nullptr);

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

  void begin_rows(int begin, int end, Rollout<T>& rollout) const;
  void normalise_step(int begin, int end, int step, Rollout<T>& rollout);

  const Agent<T>* agent_;
  VectorEnv<T>* env_;
  ObservationNormaliser* normaliser_;
  Random random_;
  std::vector<std::unique_ptr<Actor<T>>> actors_;
  std::vector<T> obs_;  ///< [features × E] the present observations
  std::vector<T> raw_;  ///< [features × rows] what was normalised; empty if nothing is
  std::vector<double> episode_return_;
  std::vector<std::int32_t> episode_length_;
  std::int64_t steps_done_ = 0;  ///< steps of each copy since the beginning: the counter of its action draws
};

}  // namespace pigrad
