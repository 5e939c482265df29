#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "../core/macros.hpp"
#include "normaliser_settings.hpp"
#include "rollout.hpp"
#include "state.hpp"

namespace pigrad {

/// Mean and variance of a stream, taken in by batches: Chan, Golub and LeVeque 1983, as Gymnasium's and
/// Stable-Baselines3's running statistics, which begin with mean 0 and variance 1 of 10⁻⁴ values.
struct RunningMoments {
  double mean = 0, variance = 1, count = 1e-4;

  /// @param batch_variance divided by n, of n > 0 values
  PIGRAD_HD void merge(double batch_mean, double batch_variance, double n) {
    const double apart = batch_mean - mean, all = count + n;
    mean += apart * n / all;
    variance = (variance * count + batch_variance * n + apart * apart * count * n / all) / all;
    count = all;
  }
};

/// Standardises observations by running statistics of each feature. The policy that acts, critics, evaluation and
/// checkpoints share one.
class ObservationNormaliser {
 public:
  ObservationNormaliser(int features, const ObservationSettings& settings);

  /// Statistics move with each step, not with each rollout.
  bool every_step() const { return settings_.statistics == "step"; }
  /// Takes in `rows` observations as one batch: feature f of row r at raw[f·ld + r].
  template <class T>
  void update(int rows, const T* raw, std::ptrdiff_t ld);
  /// out ← clamp((raw − mean)/√(variance + ε), ±clip). In place if both are the same.
  template <class T>
  void apply(int rows, const T* raw, std::ptrdiff_t ld, T* out, std::ptrdiff_t out_ld) const;

  const std::vector<RunningMoments>& moments() const { return moments_; }
  void save(State& state) const;
  void load(const State& state);

 private:
  void refresh();

  ObservationSettings settings_;
  std::vector<RunningMoments> moments_;  ///< [features]
  std::vector<double> inverse_;          ///< 1/√(variance + ε)
};

/// Divides rewards by the running deviation of the discounted return R ← γR + r, which each copy sums and an episode's
/// end sets to 0; clips them. Each step of all copies is a batch, taken in before it is scaled.
class RewardScaler {
 public:
  RewardScaler(int copies, double gamma, const RewardSettings& settings);

  /// Changes rollout.reward, in the order of steps. Throws Error if it has another number of copies.
  template <class T>
  void apply(Rollout<T>& rollout);

  /// Running episodes are forgotten: each copy's R begins anew.
  void restart() { std::fill(running_.begin(), running_.end(), 0.0); }

  const RunningMoments& moments() const { return moments_; }
  void save(State& state) const;
  void load(const State& state);

 private:
  double gamma_;
  RewardSettings settings_;
  RunningMoments moments_;
  std::vector<double> running_;  ///< [copies] R
};

}  // namespace pigrad
