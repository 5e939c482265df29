#include <algorithm>
#include <limits>

#include "estimators.cuh"
#include "sums.cuh"

namespace pigrad {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

using namespace detail;

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

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

std::size_t finals_of(const RolloutShape& shape) { return at(shape.copies) * at(shape.finals); }
int rows_valued(const RolloutShape& shape) { return std::max(shape.rows(), shape.copies * shape.finals); }
std::size_t rows_if(bool wanted, const RolloutShape& shape) { return wanted ? at(shape.rows()) : 0; }

template <class T>
bool is_moving(const TrainSettings& s, const Agent<T>& agent) {
  return agent.has_critic() && s.critic.gradient != "frozen";
}
template <class T>
bool has_own_target(const TrainSettings& s, const Agent<T>& agent) {
  return agent.has_critic() && (s.critic.gradient != "frozen" || s.critic.target != "returns");
}

template <class T>
int path_count(const DeviceRollout<T>& r) {
  return r.episodes > 0 ? r.episodes : r.copies;
}

}  // namespace

template <class T>
DeviceEstimates<T>::DeviceEstimates(const TrainSettings& settings, const Agent<T>& agent, const RolloutShape& shape,
                                    int ranks)
    : settings_(&settings),
      agent_(&agent),
      rule_(settings.boundary),
      value_(rows_if(agent.has_critic(), shape)),
      edge_value_(agent.has_critic() ? at(shape.copies) : 0),
      final_value_(agent.has_critic() ? finals_of(shape) : 0),
      next_value_(at(shape.rows())),
      returns_(at(shape.rows())),
      advantage_(at(shape.rows())),
      lambda_return_(at(shape.rows())),
      error_(at(shape.rows())),
      time_(rows_if(agent.sees_time(), shape)),
      time_after_(time_.size()),
      final_time_(agent.sees_time() ? finals_of(shape) : 0),
      target_(rows_if(has_own_target(settings, agent), shape)),
      factor_(rows_if(is_moving(settings, agent), shape)),
      boot_obs_(factor_.size() * at(shape.features)),
      boot_time_(factor_.size()),
      scratch_(sum_scratch(1)),
      moments_(2) {
  static_cast<void>(psi_of(settings.advantage.estimator));
  if (!agent.has_critic()) return;
  critic_ = std::make_unique<DeviceWorkspace<T>>(agent.valuing(), DeviceGroup::most(rows_valued(shape), ranks));
  detail::clear_on_device(final_time_.data(), final_time_.size() * sizeof(T));
}

template <class T>
std::size_t DeviceEstimates<T>::bytes(const TrainSettings& settings, const Agent<T>& agent, const RolloutShape& shape,
                                      int ranks) {
  const bool timed = agent.sees_time(), moving = is_moving(settings, agent);
  const std::size_t rows = at(shape.rows()), finals = finals_of(shape);
  std::size_t scalars = 5 * rows + (timed ? 2 * rows + finals : 0) + rows_if(has_own_target(settings, agent), shape) +
                        (moving ? rows * (2 + at(shape.features)) : 0);
  std::size_t critic = 0;
  if (agent.has_critic()) {
    scalars += rows + at(shape.copies) + finals;
    critic = DeviceWorkspace<T>::bytes(agent.valuing(), DeviceGroup::most(rows_valued(shape), ranks));
    for (const int count : {shape.rows(), shape.copies, static_cast<int>(finals)})
      if (ranks > 1)
        critic += DeviceExchange::bytes(ranks, count, std::vector{DeviceExchange::panel<T>(nullptr, 1, 1, count)});
  }
  return critic + scalars * sizeof(T) + sum_scratch(1) * sizeof(double) + 2 * sizeof(DeviceMoments);
}

template <class T>
Path<T> DeviceEstimates<T>::path(const DeviceRollout<T>& r) const {
  return {r.steps, r.copies, r.reward.data(), r.terminated.data(), r.truncated.data(), nullptr};
}

template <class T>
Paths<T> DeviceEstimates<T>::paths(const DeviceRollout<T>& r) const {
  return {path(r), r.episodes > 0 ? r.episode_begin.data() : nullptr, r.first_step.data()};
}

template <class T>
void DeviceEstimates<T>::find_time(const DeviceRollout<T>& r) {
  const T limit = static_cast<T>(agent_->spec().max_steps);
  for_each_index("time", path_count(r), TimeOfPath<T>{paths(r), limit, time_.data(), time_after_.data()});
  for_each_index("time", r.rows(), TimeOfEnd<T>{r.final_slot.data(), time_after_.data(), final_time_.data()});
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

/// @param obs [features × count]
/// @param time [count], read if the critic sees it
template <class T>
void DeviceEstimates<T>::find_value(const T* parameters, const T* obs, const T* time, int count, DeviceArray<T>& out) {
  const Part part = group_ ? group_->part(count) : Part{0, count};
  critic_->parameters(parameters);
  critic_->input(0, obs + part.begin, count);
  if (agent_->sees_time()) critic_->input(1, time + part.begin, count);
  critic_->rows(part.size(), count);
  critic_->run();
  detail::copy_on_device(out.data() + part.begin, critic_->output("value").data, at(part.size()) * sizeof(T));
  for (const Values& shared : shared_)
    if (shared.out == &out) shared.exchange->run();
}

template <class T>
void DeviceEstimates<T>::find_values(const T* parameters, const DeviceRollout<T>& r) {
  if (critic_) {
    const bool timed = agent_->sees_time();
    find_value(parameters, r.obs.data(), time_.data(), r.rows(), value_);
    find_value(parameters, r.edge_obs.data(), timed ? time_after_.data() + r.rows() - r.copies : nullptr, r.copies,
               edge_value_);
    find_value(parameters, r.final_obs.data(), final_time_.data(), r.copies * r.finals, final_value_);
  }
  for_each_index("next value", r.rows(),
                 NextValue<T>{rule_, r.rows(), r.copies, r.terminated.data(), r.truncated.data(), r.final_slot.data(),
                              r.reward.data(), critic_ ? value_.data() : nullptr, edge_value_.data(),
                              final_value_.data(), next_value_.data()});
}

template <class T>
void DeviceEstimates<T>::find_returns(const T* parameters, const DeviceRollout<T>& r) {
  rows_ = r.rows();
  if (agent_->sees_time()) find_time(r);
  find_values(parameters, r);
  for_each_index("returns", path_count(r),
                 ReturnOfPath<T>{paths(r), static_cast<T>(settings_->gamma), next_value_.data(), returns_.data()});
}

template <class T>
void DeviceEstimates<T>::find_advantages(const T* parameters, const DeviceRollout<T>& r, bool refresh, bool normalise) {
  if (refresh) find_values(parameters, r);
  const AdvantageSettings& s = settings_->advantage;
  const Psi psi = psi_of(s.estimator);
  const bool is_return = psi != Psi::td_error && psi != Psi::gae, across = s.sum == "across";
  // A sum across ends takes all episodes for one path.
  const Paths<T> all = {path(r), nullptr, r.episodes > 0 ? nullptr : r.first_step.data()};
  AdvantageOfPath<T> find{psi,
                          all,
                          static_cast<T>(settings_->gamma),
                          static_cast<T>(settings_->lambda),
                          s.n,
                          across,
                          is_return && s.baseline,
                          s.discount_time,
                          value_.data(),
                          next_value_.data(),
                          advantage_.data(),
                          lambda_return_.data()};
  if (!across) find.paths = paths(r);
  for_each_index("advantages", across ? r.copies : path_count(r), find);
  if (!normalise || !s.normalise) return;
  device_moments(advantage_.data(), nullptr, rows_, s.deviation == "sample", moments_.data(), scratch_.data());
  for_each_index("advantages", rows_, Standardise<T>{advantage_.data(), moments_.data(), s.epsilon});
}

template <class T>
void DeviceEstimates<T>::find_lambda_returns(const DeviceRollout<T>& r, T* out) {
  for_each_index("returns", path_count(r),
                 LambdaReturnOfPath<T>{paths(r), static_cast<T>(settings_->gamma), static_cast<T>(settings_->lambda),
                                       value_.data(), next_value_.data(), out});
}

template <class T>
void DeviceEstimates<T>::find_target(const DeviceRollout<T>& r) {
  const CriticSettings& critic = settings_->critic;
  const T gamma = static_cast<T>(settings_->gamma);
  const int n = critic.target == "bellman"  ? 1
                : critic.target == "n_step" ? settings_->advantage.n
                                            : std::numeric_limits<int>::max();
  if (is_moving(*settings_, *agent_))
    for_each_index("target", r.rows(),
                   MovingTarget<T>{rule_, path(r), gamma, n, r.observation_size, r.obs.data(), r.edge_obs.data(),
                                   r.final_obs.data(), agent_->sees_time() ? time_after_.data() : nullptr,
                                   std::ptrdiff_t{r.copies} * r.finals, r.final_slot.data(), target_.data(),
                                   factor_.data(), boot_obs_.data(), boot_time_.data()});
  else if (critic.target == "lambda")
    find_lambda_returns(r, target_.data());
  else if (critic.target != "returns")
    for_each_index("target", path_count(r),
                   NStepReturnOfPath<T>{paths(r), gamma, n, next_value_.data(), target_.data()});
}

template <class T>
void DeviceEstimates<T>::find_share_of_path(const DeviceRollout<T>& r, T* out) {
  sum_over_rows("episodes", 1, r.rows(), Cut<T>{path(r)}, StoreInverse<T>{out}, scratch_.data());
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

template class DeviceEstimates<float>;
template class DeviceEstimates<double>;

}  // namespace pigrad
