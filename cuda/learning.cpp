#include "device_algorithm.hpp"

namespace pigrad {
namespace {

/// What a fit left, as metrics read a Learner after it: outputs as of after, or else of the last step.
template <class T>
class FitRun {
 public:
  using Run = typename DeviceDescent<T>::Run;
  FitRun(const DeviceDescent<T>& descent, const DeviceRecords<T>& records, const Fit<int>& fit)
      : last_(descent, records, fit.last), looked_(descent, records, fit.after ? *fit.after : fit.last) {}
  double output(const std::string& name) const { return looked_.output(name); }
  double grad_norm() const { return last_.grad_norm(); }
  double learning_rate() const { return last_.learning_rate(); }

 private:
  Run last_, looked_;
};

}  // namespace

template <class T>
Minibatches DeviceAlgorithm<T>::minibatches() const {
  const bool single_is_refused = descents_.front()->descent().normalises_minibatches;
  return Minibatches(rollout_.rows(), settings().algorithm == "ppo" ? settings().minibatch : 0, single_is_refused);
}

/// What the round that follows differs by from all others.
template <class T>
RoundNumbers DeviceAlgorithm<T>::plan() {
  const TrainSettings& s = settings();
  RoundNumbers numbers;
  for (auto& descent : descents_) descent->plan(rounds_done_, s.rounds(), numbers);
  if (s.algorithm != "ppo") return numbers;
  const double factor = Schedule(s.ppo.clip_schedule).value(1, rounds_done_, s.rounds());
  numbers.clip = factor * s.ppo.clip;
  numbers.value_clip = factor * s.ppo.value_clip;
  numbers.first_pass = static_cast<std::uint32_t>(rounds_done_) * static_cast<std::uint32_t>(s.ppo.passes);
  return numbers;
}

/// A rollout and what is learnt from it: launches alone, the same ones each time.
template <class T>
void DeviceAlgorithm<T>::launch_round() {
  if (!tracks_) collector_.collect(parameters_.data(), rollout_);
  if (rewards_) rewards_->apply(rollout_);
  records_.clear();
  detail::clear_on_device(verdict_.data(), sizeof(DeviceVerdict));
  for (auto& descent : descents_) descent->begin_round(numbers_.data());
  if (apart())
    learn_apart();
  else
    learn_together();
  records_.add({}, {explained_.data(), &verdict_.data()->failed});
  records_.fetch_later();
  episodes_of_.fetch_later(rollout_);
}

template <class T>
Fit<int> DeviceAlgorithm<T>::fit(DeviceDescent<T>& descent, const T* weight, int steps) {
  struct Pass {
    DeviceAlgorithm* self;
    DeviceDescent<T>* descent;
    const T* weight;

    void bind(int begin, int count) const {
      descent->bind(self->parameters_.data(), {&self->rollout_, &self->estimates_, weight}, nullptr, begin, count);
    }
    int look() const { return descent->run(self->records_); }
    int step(bool) const {
      return descent->step(self->parameters_.data(), self->verdict_.data(), 0, self->scratch_.data(), self->records_);
    }
  };
  return fit_in_order<int>(settings(), rollout_.rows(), steps, Pass{this, &descent, weight});
}

template <class T>
Fit<double> DeviceAlgorithm<T>::seen(const DeviceDescent<T>& descent, const Fit<int>& fit) const {
  const auto loss = [&](int record) { return Run(descent, records_, record).loss(); };
  Fit<double> result{loss(fit.before), loss(fit.last), {}};
  if (fit.after) result.after = loss(*fit.after);
  return result;
}

/// ActorCritic's update, or Reinforce's where there is no critic.
template <class T>
void DeviceAlgorithm<T>::learn_apart() {
  const TrainSettings& s = settings();
  DeviceDescent<T>* critic = descents_.front()->descent().of == Of::critic ? descents_.front().get() : nullptr;
  const T* parameters = parameters_.data();
  estimates_.find_returns(parameters, rollout_);
  for (auto& descent : descents_)
    if (T* share = descent->fixed("per_episode")) estimates_.find_share_of_path(rollout_, share);
  if (!critic || s.advantage.values == "rollout") estimates_.find_advantages(parameters, rollout_, false, true);
  if (critic) {
    estimates_.explained_variance(estimates_.returns(), explained_.data());
    estimates_.find_target(rollout_);
    of_critic_ = fit(*critic, estimates_.target(), s.critic.steps_per_minibatch);
    if (s.advantage.values == "refitted") estimates_.find_advantages(parameters, rollout_, true, true);
  }
  of_policy_ = fit(*descents_.back(), estimates_.advantages(), s.policy.steps_per_minibatch);
}

/// A2cJoint's update, and Ppo's.
template <class T>
void DeviceAlgorithm<T>::learn_together() {
  const TrainSettings& s = settings();
  DeviceDescent<T>& both = *descents_.front();
  const Descent<T>& descent = both.descent();
  const T* parameters = parameters_.data();
  const RoundNumbers* numbers = numbers_.data();
  estimates_.find_returns(parameters, rollout_);
  estimates_.find_advantages(parameters, rollout_, false, !descent.normalises_minibatches);
  estimates_.find_lambda_returns(rollout_);
  both.set("clip", &numbers->clip);
  both.set("value_clip", &numbers->value_clip);
  const Random random(static_cast<std::uint64_t>(s.seed), Purpose::shuffle);
  const Minibatches parts = minibatches();
  for (int pass = 0; pass < descent.passes; ++pass) {
    const std::int32_t* order = descent.shuffled ? order_.data() : nullptr;
    if (order) shuffle_on_device(rollout_.rows(), random, &numbers->first_pass, pass, order_.data());
    for (int i = 0; i < parts.count(); ++i) {
      const int begin = parts.begin(i), count = parts.size(i);
      both.bind(parameters,
                {&rollout_, &estimates_, estimates_.advantages(), estimates_.lambda_returns(), estimates_.value()},
                order, begin, count);
      if (descent.normalises_minibatches)
        estimates_.find_minibatch_moments(order, begin, count, both.fixed("advantage_mean"),
                                          both.fixed("advantage_scale"));
      both.step(parameters_.data(), verdict_.data(), most_kl(), scratch_.data(), records_);
    }
  }
  estimates_.explained_variance(estimates_.lambda_returns(), explained_.data());
}

/// Beyond it the policy moves no more in an update; 0: it always does.
template <class T>
double DeviceAlgorithm<T>::most_kl() const {
  const TrainSettings& s = settings();
  return s.algorithm == "ppo" && s.ppo.target_kl > 0 ? 1.5 * s.ppo.target_kl : 0;
}

/// A round's metrics, once the device is done with it. Throws Error where a loss or gradient was not finite: no
/// parameter has moved since.
template <class T>
void DeviceAlgorithm<T>::report(const RoundNumbers& numbers, Metrics& metrics) {
  const int last = records_.count() - 1;
  if (records_.value(last, 1) > 0)
    throw Error("train", "a loss or its gradient is not finite", "lower the learning rate");
  const double explained = records_.value(last, 0);
  if (apart())
    report_apart(explained, metrics);
  else
    report_together(numbers, explained, metrics);
}

template <class T>
void DeviceAlgorithm<T>::report_apart(double explained, Metrics& metrics) {
  for (auto& descent : descents_) descent->optimisers().front().finish_round();
  DeviceDescent<T>& policy = *descents_.back();
  report_policy(seen(policy, of_policy_), FitRun<T>(policy, records_, of_policy_), metrics);
  if (descents_.size() == 1) return;
  DeviceDescent<T>& critic = *descents_.front();
  Metrics critics;
  report_critic(seen(critic, of_critic_), FitRun<T>(critic, records_, of_critic_), explained, critics);
  metrics.insert(settings().algorithm == "vpg" ? metrics.begin() : metrics.end(), critics.begin(), critics.end());
}

template <class T>
void DeviceAlgorithm<T>::report_together(const RoundNumbers& numbers, double explained, Metrics& metrics) {
  const bool is_ppo = settings().algorithm == "ppo";
  DeviceDescent<T>& both = *descents_.front();
  const auto run = [&](int record) { return Run(both, records_, record); };
  const int all = both.optimisers().front().launched();
  int learnt = 0;  // runs before the policy was held
  while (learnt < all && !run(learnt).held()) ++learnt;
  const int runs = both.optimisers().size() > 1 ? all : learnt;
  const bool stopped = most_kl() > 0 && run(learnt - 1).output("approx_kl") > most_kl();
  both.optimisers().front().finish_round(learnt - stopped);
  if (both.optimisers().size() > 1) both.optimisers().back().finish_round();
  JointReport report(is_ppo);
  for (int k = 0; k < learnt; ++k) report.note(run(k));
  const int minibatches_a_pass = minibatches().count();
  if (is_ppo) passes_done_ += (runs + minibatches_a_pass - 1) / minibatches_a_pass;
  report.write(run(runs - 1), {run(runs - 1).loss(), explained, is_ppo ? passes_done_ : rounds_done_ + 1, numbers.clip},
               metrics);
}

#define PIGRAD_INSTANTIATE(T)                                                               \
  template RoundNumbers DeviceAlgorithm<T>::plan();                                         \
  template void DeviceAlgorithm<T>::launch_round();                                         \
  template void DeviceAlgorithm<T>::learn_apart();                                          \
  template void DeviceAlgorithm<T>::learn_together();                                       \
  template void DeviceAlgorithm<T>::report(const RoundNumbers&, Metrics&);                  \
  template void DeviceAlgorithm<T>::report_apart(double, Metrics&);                         \
  template void DeviceAlgorithm<T>::report_together(const RoundNumbers&, double, Metrics&); \
  template Minibatches DeviceAlgorithm<T>::minibatches() const;                             \
  template double DeviceAlgorithm<T>::most_kl() const;                                      \
  template Fit<int> DeviceAlgorithm<T>::fit(DeviceDescent<T>&, const T*, int);              \
  template Fit<double> DeviceAlgorithm<T>::seen(const DeviceDescent<T>&, const Fit<int>&) const
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
