#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "../rl/agent.hpp"
#include "../rl/rollout.hpp"
#include "../rl/state.hpp"
#include "environment.hpp"
#include "exchange.hpp"
#include "policy.hpp"
#include "tracks.hpp"
#include "workspace.hpp"

namespace pigrad {

template <class T>
class DeviceObservationNormaliser;

/// Acts in copies of an environment on the device, as Collector does: the same draws for the same seed, copy and step.
template <class T>
class DeviceCollector {
 public:
  /// @param agent outlives the collector
  /// @param normaliser null: the policy sees observations as they are. It outlives the collector
  /// @param ranks above 1: so many will share it
  /// @param persistent one kernel a rollout, where the policy is a chain of layers and nothing is normalised
  DeviceCollector(const Agent<T>& agent, int copies, int steps, std::uint64_t seed,
                  DeviceObservationNormaliser<T>* normaliser, bool persistent = true, int ranks = 1);
  static std::size_t bytes(const Agent<T>& agent, int steps, int copies, bool normalises, int ranks = 1);

  /// rollout.steps steps of every copy by the policy of these parameters in device memory. Returns before the device
  /// is done.
  void collect(const T* parameters, DeviceRollout<T>& rollout);
  /// Whole episodes: every copy begins anew and plays its share in the tracks, which are then joined. Waits for the
  /// device.
  void collect_episodes(const T* parameters, DeviceTracks<T>& tracks, DeviceRollout<T>& rollout);
  /// Every copy begins a new episode with the next collect.
  void restart();

  /// From now on this rank acts in its part of the copies, and each collect brings all ranks' together.
  /// @param group and rollout, which every collect fills, outlive the collector
  void share(DeviceGroup& group, DeviceRollout<T>& rollout);
  /// Brings the copies themselves together, for who saves.
  void gather() const;

  /// What Collector and its environment save.
  void save(State& state) const;
  void load(const State& state);

 private:
  void sample(const T* obs, std::ptrdiff_t obs_ld, DeviceRollout<T>& rollout, int step);

  static DeviceStepBuffers<T> buffers_at(DeviceRollout<T>& rollout, int row);
  void collect_at_once(const T* parameters, DeviceRollout<T>& rollout);
  void collect_by_steps(DeviceRollout<T>& rollout);
  void begin_rows(DeviceRollout<T>& rollout);
  void normalise_step(int step, DeviceRollout<T>& rollout);

  const Agent<T>* agent_;
  DeviceObservationNormaliser<T>* normaliser_;
  std::optional<DevicePolicy> chain_;
  std::unique_ptr<DeviceEnv<T>> env_;
  DeviceWorkspace<T> policy_;
  DeviceArray<T> obs_;  ///< [features × copies] the present observations
  DeviceArray<T> raw_;  ///< [features × rows] what was normalised; empty if nothing is
  Random random_;
  DeviceArray<std::uint64_t> begun_;                        ///< one: steps of every copy so far
  Part part_;                                               ///< of the copies, those of this rank
  std::unique_ptr<DeviceExchange> of_rollout_, of_copies_;  ///< null: one alone
};

extern template class DeviceCollector<float>;
extern template class DeviceCollector<double>;

}  // namespace pigrad
