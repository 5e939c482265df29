#pragma once
#include "device_rollout.hpp"
#include "scan.hpp"

namespace pigrad {

/// What each copy plays of its share of whole episodes (EpisodeQuota), and how far it is, in device memory.
template <class T>
struct DeviceTracks {
  DeviceTracks(const Spec& spec, const TrainSettings& settings);
  static std::size_t bytes(const Spec& spec, const TrainSettings& settings);

  /// Every copy is at the beginning of its share.
  void begin();
  /// A row's steps are done: who has played its share stands still from now on.
  void count(int step);
  /// Waits for the device: no copy plays any more.
  bool are_done() const;
  /// The episodes one after another: each copy's first, in the order of copies, then each one's second, and so on.
  /// Waits for the device. Returns the steps of the copy that made most.
  int join(DeviceRollout<T>& episodes);

  int steps_wanted, episodes_wanted;                 ///< of each copy; of all, or 0
  DeviceRollout<T> rows;                             ///< row t·E + e, as far as copy e played
  DeviceArray<std::uint8_t> playing;                 ///< [copies]
  DeviceArray<std::int32_t> running, ended, played;  ///< [copies] steps of its episode; episodes; steps in all
  DeviceArray<std::int32_t> episode;                 ///< [rows] which of its copy's
  DeviceArray<std::int32_t> first, length;           ///< [finals × copies] of copy e's k-th at k·copies + e
  DeviceArray<std::int32_t> scratch;
};

extern template struct DeviceTracks<float>;
extern template struct DeviceTracks<double>;

}  // namespace pigrad
