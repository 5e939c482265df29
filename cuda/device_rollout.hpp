#pragma once
#include <cstdint>

#include "../env/dynamics.hpp"
#include "../env/spec.hpp"
#include "../rl/settings.hpp"
#include "device.hpp"

namespace pigrad {

/// What a rollout on the device has room for.
struct RolloutShape {
  int steps = 0, copies = 0;
  int features = 0, dimensions = 0;  ///< of observations; of box actions, 0 if actions are integers
  int finals = 0;                    ///< last observations kept a copy
  int episodes = 0;                  ///< whole episodes, one after another, of one copy; 0: steps of every copy

  int rows() const { return steps * copies; }

  /// `steps` of every copy: kept are last observations of truncated episodes, and of one that ends in the last step.
  static RolloutShape of_steps(const Spec& spec, int steps, int copies);
  /// What the copies play while each plays its share of whole episodes (EpisodeQuota): every last observation is kept.
  /// Throws Error for an environment without a time limit, whose longest episode nobody knows.
  static RolloutShape of_tracks(const Spec& spec, const TrainSettings& settings);
  /// Those episodes, one after another.
  static RolloutShape of_episodes(const Spec& spec, const TrainSettings& settings);
  /// What a run learns from.
  static RolloutShape of_run(const Spec& spec, const TrainSettings& settings);
};

/// A rollout in device memory, laid out as Rollout: row t·E + e, panels [features × rows].
template <class T>
struct DeviceRollout {
  explicit DeviceRollout(const RolloutShape& shape);
  static std::size_t bytes(const RolloutShape& shape);

  int rows() const { return steps * copies; }
  Actions<T> actions(int row) const;

  int steps;  ///< of whole episodes: how many there are now, at most the shape's
  int copies, observation_size, action_size, finals;
  int episodes = 0;                         ///< entries of episode_begin in use, but for the last
  DeviceArray<T> obs, edge_obs, final_obs;  ///< final_obs [features × finals·copies]
  DeviceArray<std::int32_t> index;
  DeviceArray<T> action, log_prob, reward;
  DeviceArray<std::uint8_t> terminated, truncated;
  DeviceArray<std::int32_t> final_slot;               ///< [rows] column of final_obs, or −1
  DeviceArray<std::int32_t> finals_used, first_step;  ///< [copies]
  DeviceArray<double> episode_return;                 ///< [rows], where an episode ended
  DeviceArray<std::int32_t> episode_length;
  /// Of whole episodes, their first rows, then the number of rows; some have none.
  DeviceArray<std::int32_t> episode_begin;
};

extern template struct DeviceRollout<float>;
extern template struct DeviceRollout<double>;

}  // namespace pigrad
