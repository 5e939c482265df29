#include "normaliser.hpp"
#include "sums.cuh"

namespace pigrad {
namespace {

struct StoreMean {
  double* mean;
  double rows;
  PIGRAD_HD void operator()(int c, double sum) const { mean[c] = rows > 0 ? sum / rows : 0; }
};
struct Store {
  double* to;
  PIGRAD_HD void operator()(int c, double sum) const { to[c] = sum; }
};

template <class F>
struct SquaredApart {
  F values;
  const double* mean;
  PIGRAD_HD double operator()(int c, int r) const {
    const double apart = values(c, r) - mean[c];
    return apart * apart;
  }
};

struct Merge {
  RunningMoments* moments;
  const double* mean;
  double rows;
  PIGRAD_HD void operator()(int c, double squares) const { moments[c].merge(mean[c], squares / rows, rows); }
};

/// Merges the moments of values(c, 0), …, values(c, rows − 1) into moments[c].
template <class F>
void merge_batch(int columns, int rows, const F& values, RunningMoments* moments, double* batch, double* scratch) {
  sum_over_rows("moments", columns, rows, values, StoreMean{batch, static_cast<double>(rows)}, scratch);
  sum_over_rows("moments", columns, rows, SquaredApart<F>{values, batch},
                Merge{moments, batch, static_cast<double>(rows)}, scratch);
}

/// Puts the ranks' moments together in their order (Chan, Golub and LeVeque 1979), and merges them.
struct MergeRanks {
  RunningMoments* moments;
  const double* all;  ///< [ranks × 2 × features]
  int features, ranks, copies, steps;

  PIGRAD_HD void operator()(long long f) const {
    double mean = 0, squares = 0, rows = 0;
    for (int r = 0; r < ranks; ++r) {
      const long long begin = static_cast<long long>(copies) * r / ranks;
      const long long end = static_cast<long long>(copies) * (r + 1) / ranks;
      const double own = static_cast<double>((end - begin) * steps);
      if (own == 0) continue;
      const double apart = all[2 * r * features + f] - mean, both = rows + own;
      mean += apart * (own / both);
      squares += all[(2 * r + 1) * features + f] + apart * apart * (rows * own / both);
      rows = both;
    }
    moments[f].merge(mean, squares / rows, rows);
  }
};

template <class T>
struct Raw {
  const T* at;
  std::ptrdiff_t ld;
  PIGRAD_HD double operator()(int c, int r) const { return static_cast<double>(at[c * ld + r]); }
};
/// Of each step's copies those of a part.
template <class T>
struct RawOfPart {
  Raw<T> raw;
  int copies;
  Part part;
  PIGRAD_HD double operator()(int c, int r) const {
    const int own = part.end - part.begin;
    return raw(c, r / own * copies + part.begin + r % own);
  }
};
struct Running {
  const double* of;
  PIGRAD_HD double operator()(int, int e) const { return of[e]; }
};

PIGRAD_HD inline double within(double x, double limit) { return x < -limit ? -limit : limit < x ? limit : x; }

template <class T>
struct Normalise {
  const RunningMoments* moments;
  double epsilon, clip;

  PIGRAD_HD T of(T raw, int f) const {
    using std::sqrt;
    const double inverse = 1 / sqrt(moments[f].variance + epsilon);
    return static_cast<T>(within((static_cast<double>(raw) - moments[f].mean) * inverse, clip));
  }
};

template <class T>
struct NormaliseEach {
  Normalise<T> by;
  int rows;
  const T* raw;
  std::ptrdiff_t ld;
  T* out;
  std::ptrdiff_t out_ld;
  PIGRAD_HD void operator()(long long i) const {
    const int f = static_cast<int>(i / rows), r = static_cast<int>(i % rows);
    out[f * out_ld + r] = by.of(raw[f * ld + r], f);
  }
};

template <class T>
struct NormaliseSlot {
  Normalise<T> by;
  const std::int32_t* slot;
  int features;
  T* panel;
  std::ptrdiff_t ld;
  PIGRAD_HD void operator()(long long c) const {
    if (slot[c] < 0) return;
    for (int f = 0; f < features; ++f) panel[f * ld + slot[c]] = by.of(panel[f * ld + slot[c]], f);
  }
};

template <class T>
struct Discount {
  double gamma;
  const T* reward;
  double* running;
  PIGRAD_HD void operator()(long long e) const { running[e] = gamma * running[e] + static_cast<double>(reward[e]); }
};

template <class T>
struct ScaleReward {
  bool scale;
  double epsilon, clip;
  const RunningMoments* moments;
  const std::uint8_t *terminated, *truncated;
  T* reward;
  double* running;
  PIGRAD_HD void operator()(long long e) const {
    using std::sqrt;
    const double factor = scale ? 1 / sqrt(moments->variance + epsilon) : 1.0;
    const double scaled = static_cast<double>(reward[e]) * factor;
    reward[e] = static_cast<T>(clip > 0 ? within(scaled, clip) : scaled);
    if (terminated[e] || truncated[e]) running[e] = 0;
  }
};

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
DeviceObservationNormaliser<T>::DeviceObservationNormaliser(int features, const ObservationSettings& settings)
    : settings_(settings),
      moments_(std::vector<RunningMoments>(at(features))),
      batch_(at(features)),
      scratch_(sum_scratch(features)) {}

template <class T>
std::size_t DeviceObservationNormaliser<T>::bytes(int features, int ranks) {
  const std::size_t shared = ranks > 1 ? 2 * at(features) * at(ranks + 1) * sizeof(double) : 0;
  return shared + at(features) * (sizeof(RunningMoments) + sizeof(double)) + sum_scratch(features) * sizeof(double);
}

template <class T>
void DeviceObservationNormaliser<T>::update(int rows, const T* raw, std::ptrdiff_t ld) {
  const int features = static_cast<int>(moments_.size());
  if (!shared_) return merge_batch(features, rows, Raw<T>{raw, ld}, moments_.data(), batch_.data(), scratch_.data());
  DeviceGroup& group = *shared_->group;
  const int copies = shared_->copies, steps = rows / copies;
  const Part part = group.part(copies);
  const int own = part.size() * steps;
  double* piece = shared_->piece.data();
  const RawOfPart<T> values{{raw, ld}, copies, part};
  sum_over_rows("moments", features, own, values, StoreMean{piece, static_cast<double>(own)}, scratch_.data());
  sum_over_rows("moments", features, own, SquaredApart<RawOfPart<T>>{values, piece}, Store{piece + features},
                scratch_.data());
  group.all_gather(piece, shared_->all.data(), shared_->piece.size() * sizeof(double));
  for_each_index("moments", features,
                 MergeRanks{moments_.data(), shared_->all.data(), features, group.size(), copies, steps});
}

template <class T>
void DeviceObservationNormaliser<T>::share(DeviceGroup& group, int copies) {
  const std::size_t piece = 2 * moments_.size();
  shared_.emplace(Shared{&group, copies, DeviceArray<double>(piece), DeviceArray<double>(piece * at(group.size()))});
}

template <class T>
void DeviceObservationNormaliser<T>::apply(int rows, const T* raw, std::ptrdiff_t ld, T* out,
                                           std::ptrdiff_t out_ld) const {
  for_each_index("normalise", static_cast<long long>(rows) * static_cast<long long>(moments_.size()),
                 NormaliseEach<T>{{moments_.data(), settings_.epsilon, settings_.clip}, rows, raw, ld, out, out_ld});
}

template <class T>
void DeviceObservationNormaliser<T>::apply_to(const std::int32_t* slot, int copies, T* panel, std::ptrdiff_t ld) const {
  for_each_index(
      "normalise", copies,
      NormaliseSlot<T>{
          {moments_.data(), settings_.epsilon, settings_.clip}, slot, static_cast<int>(moments_.size()), panel, ld});
}

template <class T>
void DeviceObservationNormaliser<T>::save(State& state) const {
  std::vector<double> all;
  for (const RunningMoments& m : moments_.download()) all.insert(all.end(), {m.mean, m.variance, m.count});
  state.put("observation.moments", std::move(all));
}

template <class T>
void DeviceObservationNormaliser<T>::load(const State& state) {
  const auto& all = state.doubles("observation.moments", static_cast<int>(3 * moments_.size()));
  std::vector<RunningMoments> moments;
  for (std::size_t f = 0; f < moments_.size(); ++f) moments.push_back({all[3 * f], all[3 * f + 1], all[3 * f + 2]});
  moments_.upload(moments.data());
}

template <class T>
DeviceRewardScaler<T>::DeviceRewardScaler(int copies, double gamma, const RewardSettings& settings)
    : gamma_(gamma),
      settings_(settings),
      moments_(std::vector<RunningMoments>(1)),
      running_(std::vector<double>(at(copies))),
      batch_(1),
      scratch_(sum_scratch(1)) {}

template <class T>
std::size_t DeviceRewardScaler<T>::bytes(int copies) {
  return sizeof(RunningMoments) + (at(copies) + 1 + sum_scratch(1)) * sizeof(double);
}

template <class T>
void DeviceRewardScaler<T>::apply(DeviceRollout<T>& rollout) {
  for (int t = 0; t < rollout.steps; ++t) {
    const int row = t * rollout.copies;
    T* reward = rollout.reward.data() + row;
    if (settings_.scale) {
      for_each_index("reward", rollout.copies, Discount<T>{gamma_, reward, running_.data()});
      merge_batch(1, rollout.copies, Running{running_.data()}, moments_.data(), batch_.data(), scratch_.data());
    }
    for_each_index(
        "reward", rollout.copies,
        ScaleReward<T>{settings_.scale, settings_.epsilon, settings_.clip, moments_.data(),
                       rollout.terminated.data() + row, rollout.truncated.data() + row, reward, running_.data()});
  }
}

template <class T>
void DeviceRewardScaler<T>::restart() {
  detail::clear_on_device(running_.data(), running_.size() * sizeof(double));
}

template <class T>
void DeviceRewardScaler<T>::save(State& state) const {
  const RunningMoments m = moments_.download()[0];
  state.put("reward.moments", std::vector<double>{m.mean, m.variance, m.count});
  state.put("reward.running", running_.download());
}

template <class T>
void DeviceRewardScaler<T>::load(const State& state) {
  const auto& m = state.doubles("reward.moments", 3);
  const std::vector<RunningMoments> moments = {{m[0], m[1], m[2]}};
  moments_.upload(moments.data());
  running_.upload(state.doubles("reward.running", static_cast<int>(running_.size())).data());
}

template class DeviceObservationNormaliser<float>;
template class DeviceObservationNormaliser<double>;
template class DeviceRewardScaler<float>;
template class DeviceRewardScaler<double>;

}  // namespace pigrad
