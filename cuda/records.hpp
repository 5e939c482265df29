#pragma once
#include <cstdint>
#include <vector>

#include "../rl/rollout.hpp"
#include "device.hpp"
#include "optimiser.hpp"
#include "rollout.hpp"

namespace pigrad {

/// Numbers that a round leaves in device memory for the host to read at its end: one record a run of a loss.
template <class T>
class DeviceRecords {
 public:
  static constexpr int width = 12;

  explicit DeviceRecords(int most);
  static std::size_t bytes(int most) { return static_cast<std::size_t>(most) * width * sizeof(double); }
  /// Forgets all records.
  void clear() { count_ = 0; }
  /// Appends a record, `values` pointers to at most `width` scalars in device memory, doubles `norms` behind them.
  /// Throws Error where there is no room. Returns its number.
  int add(const std::vector<const T*>& values, const std::vector<const double*>& norms);
  /// value() is there after device_synchronize().
  void fetch_later() { host_.fetch_later(device_.data(), static_cast<std::size_t>(count_) * width); }
  double value(int record, int i) const { return host_[static_cast<std::size_t>(record * width + i)]; }
  int count() const { return count_; }

 private:
  int most_, count_ = 0;
  DeviceArray<double> device_;
  FetchedArray<double> host_;
};

/// An Episode as the device writes it.
struct EndedEpisode {
  double total;
  std::int32_t length, truncated;
};

/// Picks a rollout's ended episodes out on the device, so that they alone cross the bus.
template <class T>
class DeviceEpisodes {
 public:
  explicit DeviceEpisodes(int rows);
  static std::size_t bytes(int rows);
  /// In order of step, then copy: take() has them after device_synchronize().
  void fetch_later(const DeviceRollout<T>& rollout);
  /// Those of the rollout that was fetched last. Of more than `at_once`, the rest is copied now.
  std::vector<Episode> take() const;

 private:
  static constexpr int at_once = 4096;

  DeviceArray<std::int32_t> counts_;  ///< of each block, then their sum
  DeviceArray<EndedEpisode> ended_;
  FetchedArray<std::int32_t> count_;  ///< one
  FetchedArray<EndedEpisode> first_;
};

extern template class DeviceRecords<float>;
extern template class DeviceRecords<double>;
extern template class DeviceEpisodes<float>;
extern template class DeviceEpisodes<double>;

}  // namespace pigrad
