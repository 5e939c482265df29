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
#include "workspace.hpp"

namespace pigrad {

/// A rollout in device memory, laid out as Rollout: row t·E + e, panels [features × rows].
template <class T>
struct DeviceRollout {
  DeviceRollout(const Spec& spec, int steps, int copies, int features, int dimensions);
  static std::size_t bytes(const Spec& spec, int steps, int copies, int features, int dimensions);

  /// Last observations kept a copy.
  static int finals_of(const Spec& spec, int steps);
  int rows() const { return steps * copies; }
  /// All that a collect fills in, copy by copy.
  std::vector<DeviceExchange::Panel> panels();
  Actions<T> actions(int row) const;

  int steps, copies, observation_size, action_size;
  int finals;  ///< last observations kept a copy: of truncated episodes, and of one that ends in the last step
  DeviceArray<T> obs, edge_obs, final_obs;  ///< final_obs [features × finals·copies]
  DeviceArray<std::int32_t> index;
  DeviceArray<T> action, log_prob, reward;
  DeviceArray<std::uint8_t> terminated, truncated;
  DeviceArray<std::int32_t> final_slot;               ///< [rows] column of final_obs, or −1
  DeviceArray<std::int32_t> finals_used, first_step;  ///< [copies]
  DeviceArray<double> episode_return;                 ///< [rows], where an episode ended
  DeviceArray<std::int32_t> episode_length;
};

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

  static DeviceStepBuffers<T> buffers(DeviceRollout<T>& rollout);
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

extern template struct DeviceRollout<float>;
extern template struct DeviceRollout<double>;
extern template class DeviceCollector<float>;
extern template class DeviceCollector<double>;

}  // namespace pigrad
