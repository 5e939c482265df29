#pragma once
#include <utility>
#include <vector>

#include "../core/random.hpp"
#include "agent.hpp"
#include "normaliser.hpp"
#include "rollout.hpp"
#include "state.hpp"

namespace pigrad {

/// Fills rollouts from a loop that somebody else owns. Copies act and observe in turn, each at its own pace; an
/// action's draws depend on the seed, the copy and its own steps alone, as a Collector's do.
template <class T>
class Recorder {
 public:
  /// @param agent and normaliser outlive the recorder
  /// @param normaliser as a Collector's; null where the policy sees observations as they are. Throws Error if its
  /// statistics move with every step of all copies, and there are several: they step apart here
  Recorder(const Agent<T>& agent, int steps, int copies, std::uint64_t seed,
           ObservationNormaliser* normaliser = nullptr);

  /// Samples the action of `copy` for obs [features]: the index if discrete, else to `action` [dimensions].
  /// Throws Error if there is no such copy, its last action waits for observe, or its part of the rollout is full.
  int act(const T* obs, T* action, int copy);
  /// What that action led to: see OnPolicy::observe. Throws Error if no action of the copy waits for it.
  void observe(T reward, bool terminated, bool truncated, const T* next_obs, int copy);

  int observed() const { return observed_; }
  bool full() const { return observed_ == rollout_.rows(); }
  /// Copies the full rollout out and begins a new one. Throws Error if it is not full.
  void take(Rollout<T>& rollout);

  /// Steps of each copy that were taken and the running episodes. What is recorded since the last take is not kept.
  void save(State& state) const;
  void load(const State& state);

 private:
  void begin();
  void check_copy(const char* where, int copy) const;

  bool moves_with_steps() const { return normaliser_ && normaliser_->every_step(); }
  const T* seen(const T* obs);

  const Agent<T>* agent_;
  ObservationNormaliser* normaliser_;
  Actor<T> actor_;
  Random random_;
  Rollout<T> rollout_;
  std::vector<T> raw_;            ///< [features × rows] what was normalised, if statistics move with rollouts
  std::vector<T> seen_;           ///< [features] one observation as the policy sees it
  std::vector<int> step_;         ///< [copies] observed in this rollout
  std::vector<char> waiting_;     ///< [copies] acted, not yet observed
  std::vector<Episode> running_;  ///< [copies]
  std::vector<std::pair<int, Episode>> ended_;  ///< row, episode
  int observed_ = 0;
  std::int64_t steps_done_ = 0;  ///< of each copy, in the rollouts taken
};

}  // namespace pigrad
