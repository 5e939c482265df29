#pragma once
#include "../rl/boundary.hpp"
#include "../rl/returns.hpp"
#include "../rl/settings.hpp"
#include "exchange.hpp"
#include "moments.hpp"
#include "rollout.hpp"

namespace pigrad {

/// Paths of a rollout that a thread takes one by one: each copy's rows, or each of whole episodes.
template <class T>
struct Paths {
  /// Rows t·path.copies + copy, from `first` on.
  struct One {
    Path<T> path;
    int copy;
    std::ptrdiff_t first;
    const std::int32_t* first_step;  ///< null: 0
  };
  Path<T> all;
  const std::int32_t* episode_begin;  ///< null: of copies
  const std::int32_t* first_step;

  PIGRAD_HD One operator[](long long i) const {
    if (!episode_begin) return {all, static_cast<int>(i), 0, first_step};
    const std::ptrdiff_t begin = episode_begin[i];
    const int steps = static_cast<int>(episode_begin[i + 1] - begin);
    return {{steps, 1, all.reward + begin, all.terminated + begin, all.truncated + begin, nullptr}, 0, begin, nullptr};
  }
};

/// What learning needs of a rollout besides its data, by the settings, all [rows] in device memory: Estimates on the
/// device. A thread takes a path, by the same text as the CPU's (rl/path_sums.hpp).
template <class T>
class DeviceEstimates {
 public:
  /// @param settings and agent outlive this
  /// Throws Error for settings that have no form on the device, by name.
  /// @param ranks above 1: so many will share it
  DeviceEstimates(const TrainSettings& settings, const Agent<T>& agent, const RolloutShape& shape, int ranks = 1);
  static std::size_t bytes(const TrainSettings& settings, const Agent<T>& agent, const RolloutShape& shape,
                           int ranks = 1);

  /// From now on the group's ranks deal the rows whose V is to be found among them. All else each finds alike.
  /// @param group outlives this
  void share(DeviceGroup& group);

  /// V, V' and the returns-to-go of a rollout with the parameters as they are.
  void find_returns(const T* parameters, const DeviceRollout<T>& rollout);
  /// Ψ, normalised if the settings and `normalise` ask; `refresh` finds V and V' anew first.
  void find_advantages(const T* parameters, const DeviceRollout<T>& rollout, bool refresh, bool normalise);
  /// R_t = Â_t + V_t with the generalised advantage.
  void find_lambda_returns(const DeviceRollout<T>& rollout) { find_lambda_returns(rollout, lambda_return_.data()); }
  /// What the critic is fitted to, as CriticFit finds it; where it moves, factor, boot_obs and boot_time too.
  void find_target(const DeviceRollout<T>& rollout);
  /// One over the number of paths, to one scalar.
  void find_share_of_path(const DeviceRollout<T>& rollout, T* out);
  /// Mean, and deviation + ε, of Ψ over the rows order[begin], …, or begin, … without an order.
  void find_minibatch_moments(const std::int32_t* order, int begin, int count, T* mean, T* scale);
  /// 1 − Var(R̂ − V)/Var(R̂) of what V was before, to one double.
  void explained_variance(const T* target, double* out);

  const T* value() const { return value_.data(); }
  const T* returns() const { return returns_.data(); }
  const T* advantages() const { return advantage_.data(); }
  const T* lambda_returns() const { return lambda_return_.data(); }
  const T* target() const { return target_.size() > 0 ? target_.data() : returns_.data(); }
  const T* time() const { return time_.data(); }  ///< t/limit, of a critic that sees it
  const T* factor() const { return factor_.data(); }
  const T* boot_obs() const { return boot_obs_.data(); }  ///< [features × rows]
  const T* boot_time() const { return boot_time_.data(); }

 private:
  /// V of so many observations, and the ranks' exchange of it.
  struct Values {
    DeviceArray<T>* out;
    std::unique_ptr<DeviceExchange> exchange;
  };
  void find_values(const T* parameters, const DeviceRollout<T>& rollout);
  void find_value(const T* parameters, const T* obs, const T* time, int count, DeviceArray<T>& out);
  void find_time(const DeviceRollout<T>& rollout);
  void find_lambda_returns(const DeviceRollout<T>& rollout, T* out);
  Path<T> path(const DeviceRollout<T>& rollout) const;
  Paths<T> paths(const DeviceRollout<T>& rollout) const;

  const TrainSettings* settings_;
  const Agent<T>* agent_;
  BoundaryRule rule_;
  int rows_ = 0;
  std::unique_ptr<DeviceWorkspace<T>> critic_;
  DeviceArray<T> value_, edge_value_, final_value_, next_value_, returns_, advantage_, lambda_return_, error_;
  DeviceArray<T> time_, time_after_, final_time_, target_, factor_, boot_obs_, boot_time_;
  DeviceArray<double> scratch_;
  DeviceArray<DeviceMoments> moments_;  ///< two
  DeviceGroup* group_ = nullptr;        ///< null: all rows are this device's
  std::vector<Values> shared_;          ///< of the three that hold values
};

extern template class DeviceEstimates<float>;
extern template class DeviceEstimates<double>;

}  // namespace pigrad
