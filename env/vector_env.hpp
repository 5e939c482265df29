#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dynamics.hpp"
#include "spec.hpp"

namespace pigrad {

/// What happens to a copy whose episode ended, as in Gymnasium 1.x.
enum class Autoreset {
  same_step,  ///< it resets in the same step: `obs` is the new episode's first, `final_obs` the old one's last
  next_step,  ///< its next step resets it, ignores the action and gives reward 0 and valid 0: a row masked out of every
              ///< loss
  disabled,   ///< it stands still (reward 0, valid 0, its flags repeated) until the caller resets it
};

/// "same_step", "next_step", "disabled"; Error for any other word.
Autoreset autoreset_from(const std::string& word);
const char* to_string(Autoreset mode);

/// Where a step writes: arrays of the caller, indexed by copy, all of them [copies]; a panel's feature f of copy c is
/// at data[f * ld + c]. Those marked optional may be null.
template <class T>
struct StepBuffers {
  T* obs = nullptr;  ///< [observation_size × copies]: what the next action is chosen from
  std::ptrdiff_t obs_ld = 0;
  T* reward = nullptr;
  std::uint8_t* terminated = nullptr;  ///< 1 where the environment itself ended the episode
  std::uint8_t* truncated = nullptr;   ///< 1 where the time limit cut it; 0 where terminated
  T* final_obs = nullptr;              ///< optional: the last observation of an episode, written only where one ended
  std::ptrdiff_t final_ld = 0;
  std::uint8_t* valid = nullptr;           ///< optional: 0 where nothing was stepped (see Autoreset), else 1
  double* episode_return = nullptr;        ///< optional: Σ reward, written only where an episode ended
  std::int32_t* episode_length = nullptr;  ///< optional: steps, written only where an episode ended
};

struct EnvOptions {
  Autoreset autoreset = Autoreset::same_step;
  int max_steps = -1;                ///< −1: the environment's own limit; 0: none
  Purpose purpose = Purpose::reset;  ///< of the draws that choose the starts; Purpose::evaluate for evaluation
};

/// Copies of an environment, stepped together. It alone counts steps, truncates and resets.
///
/// Episode boundaries: `terminated` is the environment's own end, `truncated` the time limit; both true counts as
/// terminated. The start of copy c's episode k is drawn from (seed, purpose, c, k) alone, so neither threads nor ranges
/// nor the order of ends change a bit. Calls for disjoint ranges may run at the same time; ranges that begin at
/// multiples of 64 share no cache line. No call but construction and save allocates.
template <class T>
class VectorEnv {
 public:
  /// Every copy begins its episode 0. Throws Error if copies < 1, or if spec and dynamics disagree on a size.
  VectorEnv(Spec spec, std::unique_ptr<Dynamics<T>> dynamics, int copies, std::uint64_t seed,
            const EnvOptions& options = {});
  ~VectorEnv();
  VectorEnv(VectorEnv&&) noexcept;

  /// With max_steps as the options changed it.
  const Spec& spec() const { return spec_; }
  int copies() const { return copies_; }
  std::uint64_t seed() const { return seed_; }
  Autoreset autoreset() const { return options_.autoreset; }
  int observation_size() const { return spec_.observation.size(); }
  int state_size() const { return dynamics_->state_size(); }
  /// Fewest copies whose step is worth a thread of its own.
  int copies_a_thread() const { return dynamics_->copies_a_thread(); }

  /// Starts again: every copy at the episode 0 of the seed (the second form changes it), observations to obs.
  void reset(T* obs, std::ptrdiff_t obs_ld);
  void reset(std::uint64_t seed, T* obs, std::ptrdiff_t obs_ld);
  /// Begins the next episode of each copy c with chosen[c] != 0 and writes its column of obs; the others are untouched.
  void reset_where(const std::uint8_t* chosen, T* obs, std::ptrdiff_t obs_ld);

  /// One step of every copy, on at most `threads` threads. Box actions are clipped to the bounds (by the
  /// environment itself where it asks for them as they are); the caller's array is not. Throws Error, before any copy
  /// moves, for a discrete action outside the space or a NaN in a box action.
  void step(int threads, const Actions<T>& actions, const StepBuffers<T>& out);
  /// The same for copies [begin, end): for use inside a parallel section of the caller's. All arrays are still indexed
  /// by copy.
  void step_range(int begin, int end, const Actions<T>& actions, const StepBuffers<T>& out);

  /// The present observation, for instance after load or set_state.
  void observe(T* obs, std::ptrdiff_t obs_ld) const { observe_range(0, copies_, obs, obs_ld); }
  void observe_range(int begin, int end, T* obs, std::ptrdiff_t obs_ld) const;

  /// Of the running episode.
  int episode_length(int copy) const { return length_[static_cast<std::size_t>(copy)]; }
  double episode_return(int copy) const { return return_[static_cast<std::size_t>(copy)]; }
  /// Number of the running episode: how many this copy has ended or left since reset.
  std::uint64_t episode(int copy) const { return episode_[static_cast<std::size_t>(copy)]; }

  /// [state_size] doubles; float states are exact in them.
  std::vector<double> get_state(int copy) const;
  /// Puts a copy in a state, at the first step of an episode. Throws Error if the size is not state_size.
  void set_state(int copy, const std::vector<double>& state);

  /// Everything that the future depends on: states, counters, waiting resets, seed.
  std::vector<double> save() const;
  /// Where a copy's numbers begin in what save() gives; those before copy 0's are the same for all.
  std::size_t saved_at(int copy) const;
  /// Goes on from save, bit for bit. Throws Error, changing nothing, unless it was saved by as many copies of the same
  /// environment.
  void load(const std::vector<double>& saved);

 private:
  void set_seed(std::uint64_t seed);
  void check_copy(const char* where, int copy) const;
  void check_range(int begin, int end) const;
  void check_actions(int begin, int end, const Actions<T>& actions) const;
  void check_buffers(const StepBuffers<T>& out) const;
  void begin_episode(std::size_t copy, std::uint64_t episode);
  void clear_counters(std::size_t copy);
  void tell_episode(std::size_t copy, const StepBuffers<T>& out) const;
  void step_checked(int begin, int end, const Actions<T>& actions, const StepBuffers<T>& out);
  void step_block(int begin, int end, const Actions<T>& actions, const StepBuffers<T>& out);
  void count_same_step(int begin, int end, const StepBuffers<T>& out);
  void count_masked(int begin, int end, const StepBuffers<T>& out);
  void end_episodes(const int* ended, int count, const StepBuffers<T>& out);
  void wait_for_reset(int copy, const StepBuffers<T>& out);
  void clip(int begin, int end, const Actions<T>& actions);

  Spec spec_;
  std::unique_ptr<Dynamics<T>> dynamics_;
  int copies_;
  std::uint64_t seed_;
  EnvOptions options_;
  Random random_;  // keyed by seed_ and options_.purpose
  std::vector<std::int32_t> length_;
  std::vector<double> return_;
  std::vector<std::uint64_t> episode_;
  std::vector<std::uint8_t> waiting_;  // 1: terminated, 2: truncated, and not yet reset
  std::vector<T> clipped_;             // [action_size × copies]; empty where nothing is clipped here
};

extern template class VectorEnv<float>;
extern template class VectorEnv<double>;

}  // namespace pigrad
