#include "../rl/joint_update.hpp"
#include "../rl/shuffle.hpp"
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

/// Waits for the device, and stops where a loss or gradient was not finite: no parameter has moved since.
template <class T>
void DeviceAlgorithm<T>::fetch() {
  settle();
  records_.fetch();
  if (!verdict_.download()[0].failed) return;
  throw Error("train", "a loss or its gradient is not finite", "lower the learning rate");
}

template <class T>
void DeviceAlgorithm<T>::learn(Metrics& metrics) {
  records_.clear();
  detail::clear_on_device(verdict_.data(), sizeof(DeviceVerdict));
  for (auto& descent : descents_) descent->begin_round(rounds_done_, settings().rounds());
  if (descents_.front()->descent().of == Of::both)
    learn_together(metrics);
  else
    learn_apart(metrics);
}

template <class T>
Fit<int> DeviceAlgorithm<T>::fit(DeviceDescent<T>& descent, const T* weight, int steps) {
  struct Pass {
    DeviceAlgorithm* self;
    DeviceDescent<T>* descent;
    const T* weight;

    void bind(int begin, int count) const {
      descent->bind(self->parameters_.data(), {&self->rollout_, weight, nullptr, nullptr}, nullptr, begin, count);
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
void DeviceAlgorithm<T>::learn_apart(Metrics& metrics) {
  const TrainSettings& s = settings();
  DeviceDescent<T>* critic = descents_.front()->descent().of == Of::critic ? descents_.front().get() : nullptr;
  DeviceDescent<T>& policy = *descents_.back();
  const T* parameters = parameters_.data();
  estimates_.find_returns(parameters, rollout_);
  if (!critic || s.advantage.values == "rollout") estimates_.find_advantages(parameters, rollout_, false, true);
  Fit<int> of_critic;
  if (critic) {
    estimates_.explained_variance(estimates_.returns(), explained_.data());
    of_critic = fit(*critic, estimates_.returns(), s.critic.steps_per_minibatch);
    if (s.advantage.values == "refitted") estimates_.find_advantages(parameters, rollout_, true, true);
  }
  const Fit<int> of_policy = fit(policy, estimates_.advantages(), s.policy.steps_per_minibatch);
  fetch();

  report_policy(seen(policy, of_policy), FitRun<T>(policy, records_, of_policy), metrics);
  if (!critic) return;
  Metrics critics;
  report_critic(seen(*critic, of_critic), FitRun<T>(*critic, records_, of_critic), explained_.download()[0], critics);
  metrics.insert(s.algorithm == "vpg" ? metrics.begin() : metrics.end(), critics.begin(), critics.end());
}

template <class T>
const std::int32_t* DeviceAlgorithm<T>::shuffled(int pass) {
  std::vector<std::int32_t> rows(static_cast<std::size_t>(rollout_.rows()));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int32_t>(i);
  shuffle(rows, Random(static_cast<std::uint64_t>(settings().seed), Purpose::shuffle),
          static_cast<std::uint32_t>(rounds_done_ * settings().ppo.passes + pass));
  order_.upload(rows.data());
  return order_.data();
}

/// A2cJoint's update, and Ppo's.
template <class T>
void DeviceAlgorithm<T>::learn_together(Metrics& metrics) {
  const TrainSettings& s = settings();
  DeviceDescent<T>& both = *descents_.front();
  const Descent<T>& descent = both.descent();
  const bool is_ppo = s.algorithm == "ppo";
  const T* parameters = parameters_.data();
  estimates_.find_returns(parameters, rollout_);
  estimates_.find_advantages(parameters, rollout_, false, !descent.normalises_minibatches);
  estimates_.find_lambda_returns(rollout_);
  const double clip_factor = is_ppo ? Schedule(s.ppo.clip_schedule).value(1, rounds_done_, s.rounds()) : 1;
  both.set("clip", clip_factor * s.ppo.clip);
  both.set("value_clip", clip_factor * s.ppo.value_clip);
  const double most_kl = is_ppo && s.ppo.target_kl > 0 ? 1.5 * s.ppo.target_kl : 0;

  const std::int64_t steps_before = both.optimisers().front().steps();
  const Minibatches minibatches(rollout_.rows(), is_ppo ? s.minibatch : 0, descent.normalises_minibatches);
  for (int pass = 0; pass < descent.passes; ++pass) {
    const std::int32_t* order = descent.shuffled ? shuffled(pass) : nullptr;
    for (int i = 0; i < minibatches.count(); ++i) {
      const int begin = minibatches.begin(i), count = minibatches.size(i);
      both.bind(parameters, {&rollout_, estimates_.advantages(), estimates_.lambda_returns(), estimates_.value()},
                order, begin, count);
      if (descent.normalises_minibatches)
        estimates_.find_minibatch_moments(order, begin, count, both.fixed("advantage_mean"),
                                          both.fixed("advantage_scale"));
      both.step(parameters_.data(), verdict_.data(), most_kl, scratch_.data(), records_);
    }
  }
  estimates_.explained_variance(estimates_.lambda_returns(), explained_.data());
  fetch();

  const auto run = [&](int record) { return Run(both, records_, record); };
  int learnt = 0;  // runs before the policy was held
  while (learnt < records_.count() && !run(learnt).held()) ++learnt;
  const int runs = both.optimisers().size() > 1 ? records_.count() : learnt;
  const bool stopped = most_kl > 0 && run(learnt - 1).output("approx_kl") > most_kl;
  both.optimisers().front().set_steps(steps_before + learnt - stopped);
  JointReport report(is_ppo);
  for (int k = 0; k < learnt; ++k) report.note(run(k));
  if (is_ppo) passes_done_ += (runs + minibatches.count() - 1) / minibatches.count();
  report.write(run(runs - 1),
               {run(runs - 1).loss(), explained_.download()[0], is_ppo ? passes_done_ : rounds_done_ + 1,
                clip_factor * s.ppo.clip},
               metrics);
}

#define PIGRAD_INSTANTIATE(T)                                                                    \
  template void DeviceAlgorithm<T>::fetch();                                                     \
  template void DeviceAlgorithm<T>::learn(Metrics&);                                             \
  template void DeviceAlgorithm<T>::learn_apart(Metrics&);                                       \
  template void DeviceAlgorithm<T>::learn_together(Metrics&);                                    \
  template Fit<int> DeviceAlgorithm<T>::fit(DeviceDescent<T>&, const T*, int);                   \
  template Fit<double> DeviceAlgorithm<T>::seen(const DeviceDescent<T>&, const Fit<int>&) const; \
  template const std::int32_t* DeviceAlgorithm<T>::shuffled(int)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
