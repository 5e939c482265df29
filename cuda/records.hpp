#pragma once
#include <cstdint>
#include <vector>

#include "../rl/rollout.hpp"
#include "device.hpp"
#include "optimiser.hpp"
#include "rollout.hpp"

namespace pigrad {

/// Numbers that an epoch leaves in device memory for the host to read at its end: one record a run of a loss.
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
  /// Waits for the device, and reads all.
  void fetch();
  double value(int record, int i) const { return host_[static_cast<std::size_t>(record * width + i)]; }
  int count() const { return count_; }

 private:
  int most_, count_ = 0;
  DeviceArray<double> device_;
  std::vector<double> host_;
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
  /// In order of step, then copy. Waits for the device.
  std::vector<Episode> fetch(const DeviceRollout<T>& rollout);

 private:
  DeviceArray<std::int32_t> counts_;  ///< of each block, then their sum
  DeviceArray<EndedEpisode> ended_;
};

extern template class DeviceRecords<float>;
extern template class DeviceRecords<double>;
extern template class DeviceEpisodes<float>;
extern template class DeviceEpisodes<double>;

}  // namespace pigrad
