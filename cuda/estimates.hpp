#pragma once
#include "../rl/boundary.hpp"
#include "../rl/returns.hpp"
#include "../rl/settings.hpp"
#include "exchange.hpp"
#include "rollout.hpp"

namespace pigrad {

/// Mean and deviation in device memory.
struct DeviceMoments {
  double mean, deviation;
};

/// moments() of values[rows[i]], i in [0, count); rows null: values[i]. Everything in device memory.
/// @param scratch [sum_scratch(1)]
template <class T>
void device_moments(const T* values, const std::int32_t* rows, int count, bool sample, DeviceMoments* out,
                    double* scratch);

/// What learning needs of a rollout besides its data, by the settings, all [rows] in device memory: Estimates on the
/// device. A thread takes a copy's path, by the same text as the CPU's (rl/path_sums.hpp).
template <class T>
class DeviceEstimates {
 public:
  /// @param settings and agent outlive this
  /// Throws Error for settings that have no form on the device, by name.
  /// @param ranks above 1: so many will share it
  DeviceEstimates(const TrainSettings& settings, const Agent<T>& agent, const DeviceRollout<T>& shape, int ranks = 1);
  static std::size_t bytes(const Agent<T>& agent, int steps, int copies, int ranks = 1);

  /// From now on the group's ranks deal the rows whose V is to be found among them. All else each finds alike.
  /// @param group outlives this
  void share(DeviceGroup& group);

  /// V, V' and the returns-to-go with the parameters as they are.
  void find_returns(const T* parameters, const DeviceRollout<T>& rollout);
  /// Ψ, normalised if the settings and `normalise` ask; `refresh` finds V and V' anew first.
  void find_advantages(const T* parameters, const DeviceRollout<T>& rollout, bool refresh, bool normalise);
  /// R_t = Â_t + V_t with the generalised advantage.
  void find_lambda_returns(const DeviceRollout<T>& rollout);
  /// Mean, and deviation + ε, of Ψ over the rows order[begin], …, or begin, … without an order.
  void find_minibatch_moments(const std::int32_t* order, int begin, int count, T* mean, T* scale);
  /// 1 − Var(R̂ − V)/Var(R̂) of what V was before, to one double.
  void explained_variance(const T* target, double* out);

  const T* value() const { return value_.data(); }
  const T* returns() const { return returns_.data(); }
  const T* advantages() const { return advantage_.data(); }
  const T* lambda_returns() const { return lambda_return_.data(); }

 private:
  /// V of so many observations, and the ranks' exchange of it.
  struct Values {
    DeviceArray<T>* out;
    std::unique_ptr<DeviceExchange> exchange;
  };
  void find_values(const T* parameters, const DeviceRollout<T>& rollout);
  void find_value(const T* parameters, const DeviceArray<T>& obs, DeviceArray<T>& out);
  Path<T> path(const DeviceRollout<T>& rollout) const;

  const TrainSettings* settings_;
  BoundaryRule rule_;
  int rows_;
  std::unique_ptr<DeviceWorkspace<T>> critic_;
  DeviceArray<T> value_, edge_value_, final_value_, next_value_, returns_, advantage_, lambda_return_, error_;
  DeviceArray<double> scratch_;
  DeviceArray<DeviceMoments> moments_;  ///< two
  DeviceGroup* group_ = nullptr;        ///< null: all rows are this device's
  std::vector<Values> shared_;          ///< of the three that hold values
};

extern template class DeviceEstimates<float>;
extern template class DeviceEstimates<double>;

}  // namespace pigrad
