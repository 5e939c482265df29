#include "normaliser.hpp"

#include <algorithm>
#include <cmath>

#include "../core/error.hpp"

namespace pigrad {
namespace {

/// Merges the moments of values(0), …, values(n − 1), taken in two passes.
template <class F>
void merge_batch(RunningMoments& moments, int n, const F& values) {
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) sum += values(i);
  const double mean = sum / n;
  for (int i = 0; i < n; ++i) squares += (values(i) - mean) * (values(i) - mean);
  moments.merge(mean, squares / n, n);
}

std::vector<double> numbers(const RunningMoments& m) { return {m.mean, m.variance, m.count}; }

}  // namespace

ObservationNormaliser::ObservationNormaliser(int features, const ObservationSettings& settings)
    : settings_(settings), moments_(static_cast<std::size_t>(features)), inverse_(moments_.size()) {
  refresh();
}

void ObservationNormaliser::refresh() {
  for (std::size_t f = 0; f < moments_.size(); ++f)
    inverse_[f] = 1 / std::sqrt(moments_[f].variance + settings_.epsilon);
}

template <class T>
void ObservationNormaliser::update(int rows, const T* raw, std::ptrdiff_t ld) {
  for (std::size_t f = 0; f < moments_.size(); ++f) {
    const T* feature = raw + static_cast<std::ptrdiff_t>(f) * ld;
    merge_batch(moments_[f], rows, [&](int i) { return static_cast<double>(feature[i]); });
  }
  refresh();
}

template <class T>
void ObservationNormaliser::apply(int rows, const T* raw, std::ptrdiff_t ld, T* out, std::ptrdiff_t out_ld) const {
  for (std::size_t f = 0; f < moments_.size(); ++f) {
    const T* from = raw + static_cast<std::ptrdiff_t>(f) * ld;
    T* to = out + static_cast<std::ptrdiff_t>(f) * out_ld;
    for (int r = 0; r < rows; ++r) {
      const double x = (static_cast<double>(from[r]) - moments_[f].mean) * inverse_[f];
      to[r] = static_cast<T>(std::clamp(x, -settings_.clip, settings_.clip));
    }
  }
}

void ObservationNormaliser::save(State& state) const {
  std::vector<double> all;
  for (const RunningMoments& m : moments_)
    for (const double x : numbers(m)) all.push_back(x);
  state.put("observation.moments", std::move(all));
}

void ObservationNormaliser::load(const State& state) {
  const auto& all = state.doubles("observation.moments", static_cast<int>(3 * moments_.size()));
  for (std::size_t f = 0; f < moments_.size(); ++f) moments_[f] = {all[3 * f], all[3 * f + 1], all[3 * f + 2]};
  refresh();
}

RewardScaler::RewardScaler(int copies, double gamma, const RewardSettings& settings)
    : gamma_(gamma), settings_(settings), running_(static_cast<std::size_t>(copies)) {}

template <class T>
void RewardScaler::apply(Rollout<T>& rollout) {
  require(static_cast<std::size_t>(rollout.copies) == running_.size(), "reward.scale",
          "the rollout has another number of copies", "make the scaler for as many");
  for (int t = 0; t < rollout.steps; ++t) {
    T* reward = rollout.reward.data() + rollout.row(t, 0);
    double factor = 1;
    if (settings_.scale) {
      for (std::size_t e = 0; e < running_.size(); ++e)
        running_[e] = gamma_ * running_[e] + static_cast<double>(reward[e]);
      merge_batch(moments_, rollout.copies, [&](int e) { return running_[static_cast<std::size_t>(e)]; });
      factor = 1 / std::sqrt(moments_.variance + settings_.epsilon);
    }
    for (int e = 0; e < rollout.copies; ++e) {
      const double scaled = static_cast<double>(reward[e]) * factor;
      reward[e] = static_cast<T>(settings_.clip > 0 ? std::clamp(scaled, -settings_.clip, settings_.clip) : scaled);
      if (rollout.ended(rollout.row(t, e))) running_[static_cast<std::size_t>(e)] = 0;
    }
  }
}

void RewardScaler::save(State& state) const {
  state.put("reward.moments", numbers(moments_));
  state.put("reward.running", running_);
}

void RewardScaler::load(const State& state) {
  const auto& m = state.doubles("reward.moments", 3);
  moments_ = {m[0], m[1], m[2]};
  running_ = state.doubles("reward.running", static_cast<int>(running_.size()));
}

#define PIGRAD_INSTANTIATE(T)                                                                          \
  template void ObservationNormaliser::update(int, const T*, std::ptrdiff_t);                          \
  template void ObservationNormaliser::apply(int, const T*, std::ptrdiff_t, T*, std::ptrdiff_t) const; \
  template void RewardScaler::apply(Rollout<T>&)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
