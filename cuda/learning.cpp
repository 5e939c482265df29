#include "../rl/joint_update.hpp"
#include "../rl/shuffle.hpp"
#include "device_algorithm.hpp"

namespace pigrad {

/// Waits for the device, and stops where a loss or gradient was not finite: no parameter has moved since.
template <class T>
void DeviceAlgorithm<T>::fetch() {
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

/// OnPolicy::fit: one pass in order over the minibatches, `steps` steps on each, and the losses around them.
template <class T>
typename DeviceAlgorithm<T>::Fit DeviceAlgorithm<T>::fit(DeviceDescent<T>& descent, const T* weight, int steps) {
  const TrainSettings& s = settings();
  const bool whole = s.source_metrics == "epoch", looks_back = s.source_metrics != "first_step";
  const int rows = rollout_.rows(), size = s.minibatch > 0 ? s.minibatch : rows;
  const auto bind = [&](int begin, int count) {
    descent.bind(parameters_.data(), {&rollout_, weight, nullptr, nullptr}, nullptr, begin, count);
  };
  Fit result;
  const bool first_step_tells = !whole || size >= rows;
  if (!first_step_tells) {
    bind(0, rows);
    result.before = descent.run(records_);
  }
  for (int begin = 0; begin < rows; begin += size) {
    bind(begin, std::min(size, rows - begin));
    for (int k = 0; k < steps; ++k) {
      result.last = descent.step(parameters_.data(), verdict_.data(), 0, scratch_.data(), records_);
      if (k == 0 && (looks_back ? first_step_tells : begin == 0)) result.before = result.last;
    }
  }
  if (!looks_back) return result;
  if (whole) bind(0, rows);
  result.after = descent.run(records_);
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
  Fit of_critic;
  if (critic) {
    estimates_.explained_variance(estimates_.returns(), explained_.data());
    of_critic = fit(*critic, estimates_.returns(), s.critic.steps_per_minibatch);
    if (s.advantage.values == "refitted") estimates_.find_advantages(parameters, rollout_, true, true);
  }
  const Fit of_policy = fit(policy, estimates_.advantages(), s.policy.steps_per_minibatch);
  fetch();

  const int last = of_policy.after >= 0 ? of_policy.after : of_policy.last;
  const double before = policy.output(records_, of_policy.before, "loss");
  metrics.emplace_back("train/policy_loss", before);
  if (of_policy.after >= 0)
    metrics.emplace_back("train/policy_loss_change", policy.output(records_, of_policy.after, "loss") - before);
  metrics.emplace_back("train/entropy_loss", -policy.output(records_, last, "entropy"));
  metrics.emplace_back("train/entropy", policy.output(records_, last, "entropy"));
  if (of_policy.after >= 0) metrics.emplace_back("train/kl", policy.output(records_, last, "kl"));
  metrics.emplace_back("train/policy_grad_norm", policy.norm(records_, of_policy.last));
  metrics.emplace_back("train/learning_rate", policy.optimisers().front().learning_rate());
  if (!critic) return;
  Metrics critics;
  const double value_loss = critic->output(records_, of_critic.before, "loss");
  critics.emplace_back("train/value_loss", value_loss);
  if (of_critic.after >= 0)
    critics.emplace_back("train/value_loss_change", critic->output(records_, of_critic.after, "loss") - value_loss);
  critics.emplace_back("train/explained_variance", explained_.download()[0]);
  critics.emplace_back("train/value_grad_norm", critic->norm(records_, of_critic.last));
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

  int learnt = 0;  // runs before the policy was held
  while (learnt < records_.count() && !both.held(records_, learnt)) ++learnt;
  const int runs = both.optimisers().size() > 1 ? records_.count() : learnt, last = runs - 1;
  const bool stopped = most_kl > 0 && both.output(records_, learnt - 1, "approx_kl") > most_kl;
  both.optimisers().front().set_steps(steps_before + learnt - stopped);
  const auto mean = [&](const char* output) {
    double sum = 0;
    for (int k = 0; k < learnt; ++k) sum += both.output(records_, k, output);
    return sum / learnt;
  };
  metrics.emplace_back("train/loss", both.output(records_, last, "loss"));
  metrics.emplace_back("train/policy_gradient_loss", mean("policy"));
  metrics.emplace_back("train/value_loss", mean("value"));
  metrics.emplace_back("train/entropy_loss", -mean("entropy"));
  if (agent().action_size() > 0) metrics.emplace_back("train/std", both.output(records_, last, "std"));
  metrics.emplace_back("train/grad_norm", both.norm(records_, last));
  metrics.emplace_back("train/learning_rate", both.optimisers().front().learning_rate());
  if (is_ppo) {
    passes_done_ += (runs + minibatches.count() - 1) / minibatches.count();
    metrics.emplace_back("train/approx_kl", mean("approx_kl"));
    metrics.emplace_back("train/clip_fraction", mean("clip_fraction"));
    metrics.emplace_back("train/clip_range", clip_factor * s.ppo.clip);
  }
  metrics.emplace_back("train/explained_variance", explained_.download()[0]);
  metrics.emplace_back("train/n_updates", static_cast<double>(is_ppo ? passes_done_ : rounds_done_ + 1));
}

#define PIGRAD_INSTANTIATE(T)                                                                          \
  template void DeviceAlgorithm<T>::fetch();                                                           \
  template void DeviceAlgorithm<T>::learn(Metrics&);                                                   \
  template void DeviceAlgorithm<T>::learn_apart(Metrics&);                                             \
  template void DeviceAlgorithm<T>::learn_together(Metrics&);                                          \
  template typename DeviceAlgorithm<T>::Fit DeviceAlgorithm<T>::fit(DeviceDescent<T>&, const T*, int); \
  template const std::int32_t* DeviceAlgorithm<T>::shuffled(int)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
