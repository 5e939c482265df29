#pragma once
#include <memory>
#include <vector>

#include "../env/vector_env.hpp"
#include "agent.hpp"
#include "normaliser.hpp"
#include "rollout.hpp"
#include "rollout_exchange.hpp"
#include "state.hpp"

namespace pigrad {

/// How many whole episodes a rollout holds.
struct EpisodeQuota {
  int episodes = 0;  ///< exactly so many, dealt to the copies in turn; 0: as `steps` says
  int steps = 0;     ///< each copy plays on until it has made at least so many steps
  int longest = 0;   ///< an episode that has not ended after so many steps is an error
};

/// Acts in copies of an environment and fills rollouts. Every copy's actions, resets and rewards depend on the seed,
/// the copy and its own steps alone: copies are dealt to threads freely.
template <class T>
class Collector {
 public:
  /// @param agent, env and normaliser outlive the collector
  /// @param normaliser null: the policy sees observations as they are. Otherwise the rollout holds what it saw, and a
  /// row's final observation is normalised as the row's own; whole episodes cannot be collected
  Collector(const Agent<T>& agent, VectorEnv<T>& env, std::uint64_t seed, ObservationNormaliser* normaliser = nullptr);

  /// From now on each process of the group steps its part of the copies and tells the others of it: collect,
  /// collect_episodes and save are then calls of all of them. With statistics of every step each steps all copies.
  void share(Group* group) { group_ = group; }

  /// `steps` steps of every copy, going on where the last call stopped. Never more rows than int can count.
  void collect(int steps, int threads, Rollout<T>& rollout);
  /// From now on collect() leaves what acting finds in the policy for a loss. Null: no longer.
  /// @param handover from Agent::acting(), outlives the collector's use of it
  void hand_over(Handover<T>* handover) { handover_ = handover; }
  /// What the last collect() left is of another rollout than the loss will see.
  void forget_values() {
    if (handover_) handover_->spent();
  }
  /// Every copy begins a new episode with the next collect; what was running is forgotten.
  void restart();
  /// Whole episodes from new starts, one after another: a rollout of one copy without an edge. First each copy's first
  /// episode in the order of copies, then each one's second, and so on; a copy that has played its share stands still.
  /// Throws Error if an episode has not ended after quota.longest steps.
  void collect_episodes(const EpisodeQuota& quota, int threads, Rollout<T>& rollout);

  std::int64_t total_steps() const { return steps_done_ * env_->copies(); }
  void save(State& state) const;
  void load(const State& state);

 private:
  /// What one copy did in whole episodes: all but the last two arrays one entry a step.
  struct Track {
    std::vector<T> obs;  ///< [steps][features]
    std::vector<std::int32_t> index;
    std::vector<T> action;  ///< [steps][dimensions]
    std::vector<T> log_prob, reward;
    std::vector<T> final_obs;  ///< [episodes][features]
    std::vector<Episode> episodes;
    int running = 0;  ///< steps of the episode that has not ended

    void clear();
  };
  /// Where a step of every copy lands while whole episodes are played.
  struct StepPanels {
    std::vector<T> action, log_prob, reward, final_obs;
    std::vector<std::int32_t> index;
    std::vector<std::uint8_t> terminated, truncated;
  };

  void prepare(int steps, Rollout<T>& rollout);
  /// The copies are dealt to processes: not so where each step of all of them moves the normaliser.
  bool dealt() const { return group_ && group_->size() > 1 && !(normaliser_ && normaliser_->every_step()); }
  Part own_copies() const { return dealt() ? group_->part(env_->copies()) : Part{0, env_->copies()}; }
  void exchange(Rollout<T>& rollout, const std::string& fault);
  int exchange_tracks(int longest, const std::string& fault);
  Actor<T>& actor(int shard);
  void run_copies(int begin, int end, Actor<T>& actor, Rollout<T>& rollout);
  void judge_rows(int begin, int end, Actor<T>& actor, Rollout<T>& rollout) const;
  void note_episodes(Rollout<T>& rollout) const;
  bool has_played(int copy, const EpisodeQuota& quota) const;
  int play_copies(int begin, int end, const EpisodeQuota& quota, Actor<T>& actor);
  View<const T> statistics(const std::vector<int>& active, Actor<T>& actor, std::vector<T>& panel);
  void step_copies(int begin, int end);
  void note_step(int copy, const EpisodeQuota& quota);
  void join_tracks(Rollout<T>& rollout) const;

  void begin_rows(int begin, int end, Rollout<T>& rollout) const;
  void normalise_step(int begin, int end, int step, Rollout<T>& rollout);

  const Agent<T>* agent_;
  VectorEnv<T>* env_;
  ObservationNormaliser* normaliser_;
  Handover<T>* handover_ = nullptr;
  Group* group_ = nullptr;
  RolloutExchange<T> exchange_;
  Random random_;
  std::vector<T> statistics_;  ///< of a rollout whose actions are judged at its end [columns × rows]
  std::vector<std::unique_ptr<Actor<T>>> actors_;
  std::vector<T> obs_;  ///< [features × E] the present observations
  std::vector<T> raw_;  ///< [features × rows] what was normalised; empty if nothing is
  std::vector<double> episode_return_;
  std::vector<std::int32_t> episode_length_;
  std::vector<Track> tracks_;
  StepPanels panels_;
  std::int64_t steps_done_ = 0;  ///< steps of each copy since the beginning: the counter of its action draws
};

}  // namespace pigrad
