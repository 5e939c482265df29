#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "../core/error.hpp"
#include "../core/group.hpp"
#include "../env/dynamics.hpp"
#include "../env/spec.hpp"
#include "device.hpp"

namespace pigrad {

/// Where a step of all copies writes, all in device memory. [copies] but for the panels; as StepBuffers.
template <class T>
struct DeviceStepBuffers {
  T* obs = nullptr;  ///< the next observations: feature f of copy c at obs[f·obs_ld + c]
  std::ptrdiff_t obs_ld = 0;
  T* reward = nullptr;
  std::uint8_t *terminated = nullptr, *truncated = nullptr;
  double* episode_return = nullptr;  ///< written where an episode ended, as episode_length
  std::int32_t* episode_length = nullptr;
  /// Last observations of episodes that were truncated, or of all that ended if it keeps them: the k-th of copy c at
  /// final_obs[f·final_ld + k·copies + c], its place in a row written to final_slot, −1 where there is none.
  T* final_obs = nullptr;
  std::ptrdiff_t final_ld = 0;
  std::int32_t* final_slot = nullptr;
  std::int32_t* finals_used = nullptr;
  int finals = 0;                         ///< places a copy
  bool keeps_ends = false;                ///< every end, not truncations alone
  const std::uint8_t* playing = nullptr;  ///< [copies] 0: that copy stands still; null: all play
};

/// Counters of copies in device memory.
struct DeviceCounters {
  std::int32_t* length = nullptr;
  double* total = nullptr;  ///< Σ reward
  std::uint64_t* episode = nullptr;
};

template <class T>
struct PersistentCall;

/// Copies of an environment in device memory, one thread each: VectorEnv in its same-step form, by the same dynamics.
template <class T>
class DeviceEnv {
 public:
  virtual ~DeviceEnv() = default;
  DeviceEnv(const DeviceEnv&) = delete;
  DeviceEnv& operator=(const DeviceEnv&) = delete;

  const Spec& spec() const { return spec_; }
  int copies() const { return copies_; }
  /// Steps and rollouts move these copies only; at first all.
  void deal(const Part& part) { part_ = part; }
  /// Where a copy's state, counters and all else that goes on stand: for those who bring ranks' copies together.
  T* states() { return states_.data(); }
  std::ptrdiff_t states_ld() const { return ld_; }
  DeviceCounters counters() { return {length_.data(), total_.data(), episode_.data()}; }
  virtual int state_size() const = 0;
  /// Moves every copy, counts, truncates, and begins new episodes where one ended. Box actions are clipped to the
  /// bounds unless the environment clips its own. Returns before the device is done.
  virtual void step(const Actions<T>& actions, const DeviceStepBuffers<T>& out) = 0;
  /// A whole rollout in one kernel.
  virtual void rollout(const PersistentCall<T>& call) = 0;
  virtual void observe(T* obs, std::ptrdiff_t ld) const = 0;
  /// Every copy leaves its episode and begins the next one.
  virtual void restart() = 0;

  /// Device memory of so many copies whose states are of so many scalars.
  static std::size_t bytes(int copies, int state_size);

  /// VectorEnv::save's and load's numbers: a run goes from one to the other and back.
  std::vector<double> save() const;
  void load(const std::vector<double>& saved);
  /// Episode lengths so far [copies], in device memory.
  const std::int32_t* lengths() const { return length_.data(); }

 protected:
  DeviceEnv(const Spec& spec, int copies, int state_size);
  static std::ptrdiff_t padded(int copies) { return (copies + 31) / 32 * 32; }

  Spec spec_;
  int copies_;
  Part part_;
  std::ptrdiff_t ld_;
  std::uint64_t seed_ = 0;
  DeviceArray<T> states_;  ///< field f of copy c at f·ld_ + c
  DeviceArray<std::int32_t> length_;
  DeviceArray<double> total_;
  DeviceArray<std::uint64_t> episode_;
};

/// Throws Error if the environment of that name has no form for the GPU, listing those that have.
template <class T>
std::unique_ptr<DeviceEnv<T>> make_device_env(const Spec& spec, int copies);
/// The device memory that it takes.
template <class T>
std::size_t device_env_bytes(const Spec& spec, int copies);
/// Scalars of a copy's state.
template <class T>
int device_env_state_size(const Spec& spec);

extern template class DeviceEnv<float>;
extern template class DeviceEnv<double>;

}  // namespace pigrad
