#pragma once
#include <optional>

#include "../rl/normaliser.hpp"
#include "../rl/state.hpp"
#include "device_group.hpp"
#include "rollout.hpp"

namespace pigrad {

/// ObservationNormaliser in device memory.
template <class T>
class DeviceObservationNormaliser {
 public:
  DeviceObservationNormaliser(int features, const ObservationSettings& settings);
  static std::size_t bytes(int features, int ranks = 1);

  /// From now on every update is of all ranks' copies, of which this one has its part.
  /// @param group outlives this
  void share(DeviceGroup& group, int copies);

  bool every_step() const { return settings_.statistics == "step"; }
  /// Takes in `rows` observations as one batch: feature f of row r at raw[f·ld + r]. Shared, they are whole steps of
  /// all copies, and of each this rank's part is read.
  void update(int rows, const T* raw, std::ptrdiff_t ld);
  void apply(int rows, const T* raw, std::ptrdiff_t ld, T* out, std::ptrdiff_t out_ld) const;
  /// In place, the columns slot[c] of a panel, for c in [0, copies), that are not negative.
  void apply_to(const std::int32_t* slot, int copies, T* panel, std::ptrdiff_t ld) const;

  void save(State& state) const;
  void load(const State& state);

 private:
  ObservationSettings settings_;
  DeviceArray<RunningMoments> moments_;
  DeviceArray<double> batch_, scratch_;
  struct Shared {
    DeviceGroup* group;
    int copies;
    DeviceArray<double> piece, all;  ///< a rank's means, then its sums of squares, [2 × features]
  };
  std::optional<Shared> shared_;
};

/// RewardScaler in device memory.
template <class T>
class DeviceRewardScaler {
 public:
  DeviceRewardScaler(int copies, double gamma, const RewardSettings& settings);
  static std::size_t bytes(int copies);

  void apply(DeviceRollout<T>& rollout);
  void restart();

  void save(State& state) const;
  void load(const State& state);

 private:
  double gamma_;
  RewardSettings settings_;
  DeviceArray<RunningMoments> moments_;  ///< one
  DeviceArray<double> running_;          ///< [copies] R
  DeviceArray<double> batch_, scratch_;
};

extern template class DeviceObservationNormaliser<float>;
extern template class DeviceObservationNormaliser<double>;
extern template class DeviceRewardScaler<float>;
extern template class DeviceRewardScaler<double>;

}  // namespace pigrad
