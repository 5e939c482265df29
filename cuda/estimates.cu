#include <limits>

#include "../rl/path_sums.hpp"
#include "estimates.hpp"
#include "sums.cuh"

namespace pigrad {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

enum class Psi { total_return, reward_to_go, return_to_go, td_error, n_step, gae };

Psi psi_of(const std::string& name) {
  if (name == "total_return") return Psi::total_return;
  if (name == "reward_to_go") return Psi::reward_to_go;
  if (name == "return_to_go") return Psi::return_to_go;
  if (name == "td_error") return Psi::td_error;
  if (name == "n_step") return Psi::n_step;
  if (name == "gae") return Psi::gae;
  throw Error("advantage.estimator", name + " has no form for the GPU", "use --device cpu, or another estimator");
}

/// V' of every row (next_values).
template <class T>
struct NextValue {
  BoundaryRule rule;
  int rows, copies;
  const std::uint8_t *terminated, *truncated;
  const std::int32_t* final_slot;
  const T *reward, *value, *edge_value, *final_value;  ///< values null without a critic
  T* out;

  PIGRAD_HD void operator()(long long i) const {
    const int row = static_cast<int>(i);
    const bool last = row >= rows - copies, ended = terminated[row] || truncated[row];
    switch (rule.after(ended, terminated[row] != 0, last)) {
      case After::zero:
        out[row] = 0;
        break;
      case After::reward:
        out[row] = reward[row];
        break;
      case After::next_row:
        out[row] = value ? value[row + copies] : T(0);
        break;
      case After::next_obs:
        out[row] = value ? edge_value[row - (rows - copies)] : T(0);
        break;
      case After::final_obs:
        out[row] = value ? final_value[final_slot[row]] : T(0);
        break;
    }
  }
};

template <class T>
struct ReturnOfCopy {
  Path<T> path;
  T gamma;
  const T* next_value;
  T* out;
  PIGRAD_HD void operator()(long long e) const {
    detail::return_to_go(path, static_cast<int>(e), static_cast<int>(e) + 1, gamma, next_value, out);
  }
};

/// Ψ of a copy's rows, its baseline taken off, weighted by γᵗ (estimate_advantage).
template <class T>
struct AdvantageOfCopy {
  Psi psi;
  Path<T> path;
  T gamma, lambda;
  int n;
  bool across_ends, baseline, discount_time;
  const int* first_step;
  const T *value, *next_value;
  T *out, *weight;

  PIGRAD_HD void operator()(long long i) const {
    const int e = static_cast<int>(i), end = e + 1;
    switch (psi) {
      case Psi::total_return:
        detail::total_return(path, e, end, gamma, next_value, out);
        break;
      case Psi::reward_to_go:
        detail::return_to_go(path, e, end, T(1), next_value, out);
        break;
      case Psi::return_to_go:
        detail::return_to_go(path, e, end, gamma, next_value, out);
        break;
      case Psi::td_error:
        detail::td_error(path, e, end, gamma, value, next_value, out);
        break;
      case Psi::n_step:
        detail::n_step_return(path, e, end, gamma, n, next_value, out);
        break;
      case Psi::gae:
        detail::gae(path, e, end, gamma, lambda, value, next_value, out, across_ends);
        break;
    }
    if (discount_time) detail::discount_weight(path, e, end, gamma, first_step, weight);
    for (int t = 0; t < path.steps; ++t) {
      const int row = t * path.copies + e;
      if (baseline) out[row] -= value[row];
      if (discount_time) out[row] *= weight[row];
    }
  }
};

template <class T>
struct LambdaReturnOfCopy {
  Path<T> path;
  T gamma, lambda;
  const T *value, *next_value;
  T* out;
  PIGRAD_HD void operator()(long long i) const {
    const int e = static_cast<int>(i);
    detail::gae(path, e, e + 1, gamma, lambda, value, next_value, out, false);
    for (int t = 0; t < path.steps; ++t) out[t * path.copies + e] += value[t * path.copies + e];
  }
};

template <class T>
struct Chosen {
  const T* values;
  const std::int32_t* rows;
  PIGRAD_HD double operator()(long long i) const { return static_cast<double>(values[rows ? rows[i] : i]); }
};

/// Σ (x − x₀): equal values have their mean exactly.
template <class T>
struct FromFirst {
  Chosen<T> x;
  PIGRAD_HD double operator()(int, int i) const { return x(i) - x(0); }
};
template <class T>
struct StoreMean {
  Chosen<T> x;
  int count;
  DeviceMoments* out;
  PIGRAD_HD void operator()(int, double sum) const { out->mean = x(0) + sum / count; }
};
template <class T>
struct SquaredFromMean {
  Chosen<T> x;
  const DeviceMoments* moments;
  PIGRAD_HD double operator()(int, int i) const {
    const double apart = x(i) - moments->mean;
    return apart * apart;
  }
};
struct StoreDeviation {
  int divisor;
  DeviceMoments* out;
  PIGRAD_HD void operator()(int, double squares) const {
    using std::sqrt;
    out->deviation = sqrt(squares / divisor);
  }
};

template <class T>
struct Standardise {
  T* values;
  const DeviceMoments* moments;
  double epsilon;
  PIGRAD_HD void operator()(long long i) const {
    values[i] = static_cast<T>((static_cast<double>(values[i]) - moments->mean) / (moments->deviation + epsilon));
  }
};

template <class T>
struct StoreMoments {
  const DeviceMoments* moments;
  double epsilon;
  T *mean, *scale;
  PIGRAD_HD void operator()(long long) const {
    *mean = static_cast<T>(moments->mean);
    *scale = static_cast<T>(moments->deviation + epsilon);
  }
};

template <class T>
struct Subtract {
  const T *a, *b;
  T* out;
  PIGRAD_HD void operator()(long long i) const { out[i] = a[i] - b[i]; }
};
struct ShareExplained {
  const DeviceMoments *whole, *error;
  double* out;
  PIGRAD_HD void operator()(long long) const {
    const double share = error->deviation / whole->deviation;
    *out = whole->deviation > 0 ? 1 - share * share : nothing;
  }
};

}  // namespace

template <class T>
void device_moments(const T* values, const std::int32_t* rows, int count, bool sample, DeviceMoments* out,
                    double* scratch) {
  const Chosen<T> x{values, rows};
  sum_over_rows("moments", 1, count, FromFirst<T>{x}, StoreMean<T>{x, count, out}, scratch);
  sum_over_rows("moments", 1, count, SquaredFromMean<T>{x, out}, StoreDeviation{sample ? count - 1 : count, out},
                scratch);
}

template <class T>
DeviceEstimates<T>::DeviceEstimates(const TrainSettings& settings, const Agent<T>& agent, const DeviceRollout<T>& r,
                                    int ranks)
    : settings_(&settings),
      rule_(settings.boundary),
      rows_(r.rows()),
      value_(agent.has_critic() ? static_cast<std::size_t>(rows_) : 0),
      edge_value_(agent.has_critic() ? static_cast<std::size_t>(r.copies) : 0),
      final_value_(agent.has_critic() ? static_cast<std::size_t>(r.copies) * static_cast<std::size_t>(r.finals) : 0),
      next_value_(static_cast<std::size_t>(rows_)),
      returns_(static_cast<std::size_t>(rows_)),
      advantage_(static_cast<std::size_t>(rows_)),
      lambda_return_(static_cast<std::size_t>(rows_)),
      error_(static_cast<std::size_t>(rows_)),
      scratch_(sum_scratch(1)),
      moments_(2) {
  static_cast<void>(psi_of(settings.advantage.estimator));
  if (agent.has_critic())
    critic_ = std::make_unique<DeviceWorkspace<T>>(agent.valuing(),
                                                   DeviceGroup::most(std::max(rows_, r.copies * r.finals), ranks));
}

template <class T>
std::size_t DeviceEstimates<T>::bytes(const Agent<T>& agent, int steps, int copies, int ranks) {
  const int rows = steps * copies, finals = copies * DeviceRollout<T>::finals_of(agent.spec(), steps);
  const int values = agent.has_critic() ? rows + copies + finals : 0;
  std::size_t critic = 0;
  if (agent.has_critic())
    critic = DeviceWorkspace<T>::bytes(agent.valuing(), DeviceGroup::most(std::max(rows, finals), ranks));
  if (agent.has_critic() && ranks > 1)
    for (const int count : {rows, copies, finals})
      critic += DeviceExchange::bytes(ranks, count, std::vector{DeviceExchange::panel<T>(nullptr, 1, 1, count)});
  return critic + (5 * static_cast<std::size_t>(rows) + static_cast<std::size_t>(values)) * sizeof(T) +
         sum_scratch(1) * sizeof(double) + 2 * sizeof(DeviceMoments);
}

template <class T>
Path<T> DeviceEstimates<T>::path(const DeviceRollout<T>& r) const {
  return {r.steps, r.copies, r.reward.data(), r.terminated.data(), r.truncated.data(), nullptr};
}

template <class T>
void DeviceEstimates<T>::share(DeviceGroup& group) {
  if (!critic_) return;
  group_ = &group;
  for (DeviceArray<T>* out : {&value_, &edge_value_, &final_value_}) {
    const int count = static_cast<int>(out->size());
    shared_.push_back(
        {out, std::make_unique<DeviceExchange>(
                  group, count, std::vector{DeviceExchange::panel(out->data(), 1, 1, std::ptrdiff_t{count})})});
  }
}

/// @param obs [features × out.size()]
template <class T>
void DeviceEstimates<T>::find_value(const T* parameters, const DeviceArray<T>& obs, DeviceArray<T>& out) {
  const int count = static_cast<int>(out.size());
  const Part part = group_ ? group_->part(count) : Part{0, count};
  critic_->parameters(parameters);
  critic_->input(0, obs.data() + part.begin, count);
  critic_->rows(part.size(), count);
  critic_->run();
  detail::copy_on_device(out.data() + part.begin, critic_->output("value").data,
                         static_cast<std::size_t>(part.size()) * sizeof(T));
  for (const Values& shared : shared_)
    if (shared.out == &out) shared.exchange->run();
}

template <class T>
void DeviceEstimates<T>::find_values(const T* parameters, const DeviceRollout<T>& r) {
  if (critic_) {
    find_value(parameters, r.obs, value_);
    find_value(parameters, r.edge_obs, edge_value_);
    find_value(parameters, r.final_obs, final_value_);
  }
  for_each_index("next value", rows_,
                 NextValue<T>{rule_, rows_, r.copies, r.terminated.data(), r.truncated.data(), r.final_slot.data(),
                              r.reward.data(), critic_ ? value_.data() : nullptr, edge_value_.data(),
                              final_value_.data(), next_value_.data()});
}

template <class T>
void DeviceEstimates<T>::find_returns(const T* parameters, const DeviceRollout<T>& r) {
  find_values(parameters, r);
  for_each_index("returns", r.copies,
                 ReturnOfCopy<T>{path(r), static_cast<T>(settings_->gamma), next_value_.data(), returns_.data()});
}

template <class T>
void DeviceEstimates<T>::find_advantages(const T* parameters, const DeviceRollout<T>& r, bool refresh, bool normalise) {
  if (refresh) find_values(parameters, r);
  const AdvantageSettings& s = settings_->advantage;
  const Psi psi = psi_of(s.estimator);
  const bool is_return = psi != Psi::td_error && psi != Psi::gae;
  for_each_index(
      "advantages", r.copies,
      AdvantageOfCopy<T>{psi, path(r), static_cast<T>(settings_->gamma), static_cast<T>(settings_->lambda), s.n,
                         s.sum == "across", is_return && s.baseline, s.discount_time, r.first_step.data(),
                         value_.data(), next_value_.data(), advantage_.data(), lambda_return_.data()});
  if (!normalise || !s.normalise) return;
  device_moments(advantage_.data(), nullptr, rows_, s.deviation == "sample", moments_.data(), scratch_.data());
  for_each_index("advantages", rows_, Standardise<T>{advantage_.data(), moments_.data(), s.epsilon});
}

template <class T>
void DeviceEstimates<T>::find_lambda_returns(const DeviceRollout<T>& r) {
  for_each_index("returns", r.copies,
                 LambdaReturnOfCopy<T>{path(r), static_cast<T>(settings_->gamma), static_cast<T>(settings_->lambda),
                                       value_.data(), next_value_.data(), lambda_return_.data()});
}

template <class T>
void DeviceEstimates<T>::find_minibatch_moments(const std::int32_t* order, int begin, int count, T* mean, T* scale) {
  const AdvantageSettings& s = settings_->advantage;
  device_moments(advantage_.data() + (order ? 0 : begin), order ? order + begin : nullptr, count,
                 s.deviation == "sample", moments_.data(), scratch_.data());
  for_each_index("minibatch", 1, StoreMoments<T>{moments_.data(), s.epsilon, mean, scale});
}

template <class T>
void DeviceEstimates<T>::explained_variance(const T* target, double* out) {
  for_each_index("explained variance", rows_, Subtract<T>{target, value_.data(), error_.data()});
  device_moments(target, nullptr, rows_, false, moments_.data(), scratch_.data());
  device_moments(error_.data(), nullptr, rows_, false, moments_.data() + 1, scratch_.data());
  for_each_index("explained variance", 1, ShareExplained{moments_.data(), moments_.data() + 1, out});
}

template void device_moments(const float*, const std::int32_t*, int, bool, DeviceMoments*, double*);
template void device_moments(const double*, const std::int32_t*, int, bool, DeviceMoments*, double*);
template class DeviceEstimates<float>;
template class DeviceEstimates<double>;

}  // namespace pigrad
