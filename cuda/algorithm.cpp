#include "algorithm.hpp"

#include <chrono>
#include <cmath>

#include "../rl/counts.hpp"
#include "../rl/episode_statistics.hpp"
#include "../rl/joint_update.hpp"
#include "../rl/metric_means.hpp"
#include "../rl/on_policy.hpp"
#include "../rl/shuffle.hpp"
#include "refusals.hpp"
#include "update.hpp"

namespace pigrad {
namespace {

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

/// An on-policy algorithm whose rollouts and updates are the device's. The processor's own form of it gives networks,
/// losses and settings, evaluates, and holds what checkpoints are written from.
template <class T>
class DeviceAlgorithm final : public Algorithm {
 public:
  DeviceAlgorithm(std::unique_ptr<OnPolicy<T>> host, const std::vector<Descent<T>>& descents)
      : host_(std::move(host)),
        parameters_(at(host_->layout().size())),
        rollout_(spec(), settings().steps, settings().copies, agent().observation_size(), agent().action_size()),
        collector_(agent(), settings().copies, static_cast<std::uint64_t>(settings().seed)),
        estimates_(settings(), agent(), rollout_),
        episodes_of_(rollout_.rows()),
        records_(records_an_update(descents)),
        explained_(1),
        verdict_(1),
        scratch_(scratch_scalars),
        order_(at(rollout_.rows())) {
    for (const Descent<T>& d : descents) {
      const bool whole = d.of != Descent<T>::Of::both && settings().source_metrics == "epoch";
      descents_.push_back(std::make_unique<DeviceDescent<T>>(d, whole ? rollout_.rows() : minibatch()));
    }
    State state;
    host_->save(state);
    load(state);
  }

  Metrics epoch(int threads) override;
  const std::vector<Episode>& episodes() const override { return episodes_; }
  int epochs_done() const override { return rounds_done_ / settings().rollouts; }
  std::int64_t steps_done() const override { return steps_done_; }
  const ParameterLayout& layout() const override { return host_->layout(); }
  const TrainSettings& settings() const override { return host_->settings(); }
  const Spec& spec() const override { return host_->spec(); }

  Evaluation evaluate(int episodes, bool greedy, int threads) const override {
    take_parameters_home();
    return host_->evaluate(episodes, greedy, threads);
  }
  void watch(const Watch& watch) const override {
    take_parameters_home();
    host_->watch(watch);
  }
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  using Of = typename Descent<T>::Of;
  struct Fit {
    int before = 0, after = -1, last = 0;  ///< records
  };

  Agent<T>& agent() { return host_->agent(); }
  int minibatch() const {
    const int rows = rollout_.rows();
    return settings().minibatch > 0 && settings().minibatch < rows ? settings().minibatch + 1 : rows;
  }
  int records_an_update(const std::vector<Descent<T>>& descents) const;
  void take_parameters_home() const;
  void learn(Metrics& metrics);
  void learn_apart(Metrics& metrics);
  void learn_together(Metrics& metrics);
  Fit fit(DeviceDescent<T>& descent, const T* weight, int steps);
  void fetch();
  const std::int32_t* shuffled(int pass);

  std::unique_ptr<OnPolicy<T>> host_;
  DeviceArray<T> parameters_;
  DeviceRollout<T> rollout_;
  DeviceCollector<T> collector_;
  DeviceEstimates<T> estimates_;
  DeviceEpisodes<T> episodes_of_;
  DeviceRecords<T> records_;
  DeviceArray<double> explained_;
  DeviceArray<DeviceVerdict> verdict_;
  DeviceArray<double> scratch_;
  DeviceArray<std::int32_t> order_;
  std::vector<std::unique_ptr<DeviceDescent<T>>> descents_;

  EpisodeStatistics statistics_;
  std::vector<Episode> episodes_;
  int rounds_done_ = 0;
  std::int64_t steps_done_ = 0, passes_done_ = 0;
};

template <class T>
int DeviceAlgorithm<T>::records_an_update(const std::vector<Descent<T>>& descents) const {
  const TrainSettings& s = settings();
  const int rows = rollout_.rows(), size = s.minibatch > 0 ? s.minibatch : rows;
  const int minibatches = (rows + size - 1) / size;
  int count = 0;
  for (const Descent<T>& d : descents) {
    const int steps = d.of == Of::policy   ? s.policy.steps_per_minibatch
                      : d.of == Of::critic ? s.critic.steps_per_minibatch
                                           : 1;
    count += minibatches * d.passes * steps + 2;
  }
  return count;
}

template <class T>
void DeviceAlgorithm<T>::take_parameters_home() const {
  const auto values = parameters_.download();
  Parameters<T>& home = host_->agent().parameters();
  std::copy(values.begin(), values.end(), home.data());
  home.touch();
}

/// Waits for the device, and stops where a loss or gradient was not finite: no parameter has moved since.
template <class T>
void DeviceAlgorithm<T>::fetch() {
  records_.fetch();
  if (!verdict_.download()[0].failed) return;
  throw Error("train", "a loss or its gradient is not finite", "lower the learning rate");
}

template <class T>
Metrics DeviceAlgorithm<T>::epoch(int) {
  const auto begin = std::chrono::steady_clock::now();
  const std::int64_t steps_before = steps_done_;
  MetricMeans means;
  episodes_.clear();
  do {
    if (settings().reset_each_epoch && rounds_done_ > 0) collector_.restart();
    collector_.collect(parameters_.data(), rollout_);
    Metrics metrics;
    learn(metrics);
    const auto ended = episodes_of_.fetch(rollout_);
    episodes_.insert(episodes_.end(), ended.begin(), ended.end());
    ++rounds_done_;
    steps_done_ += rollout_.rows();
    means.add(metrics);
  } while (rounds_done_ % settings().rollouts != 0);
  Metrics metrics;
  statistics_.report(episodes_, metrics);
  means.report(metrics);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  metrics.emplace_back("time/fps", static_cast<double>(steps_done_ - steps_before) / seconds);
  metrics.emplace_back("time/total_timesteps", static_cast<double>(steps_done_));
  return metrics;
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
  std::vector<std::int32_t> rows(at(rollout_.rows()));
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

template <class T>
void DeviceAlgorithm<T>::save(State& state) const {
  host_->save(state);
  const auto values = parameters_.download();
  for (const Segment& s : layout().segments()) state.put_matrix(s.name, values.data() + s.offset, s.rows, s.columns);
  state.put("progress", std::vector<std::int64_t>{rounds_done_, steps_done_});
  statistics_.save(state);
  collector_.save(state);
  if (settings().algorithm == "ppo") state.put("ppo.passes", std::vector<std::int64_t>{passes_done_});
  for (const auto& descent : descents_)
    for (std::size_t i = 0; i < descent->optimisers().size(); ++i) {
      const DeviceOptimiser<T>& optimiser = descent->optimisers()[i];
      const std::string& name = descent->descent().movers[i].name;
      state.put(name + ".steps", std::vector<std::int64_t>{optimiser.steps()});
      for (const auto& array : optimiser.state()) state.put(name + "." + array.name, array.data.download());
    }
}

template <class T>
void DeviceAlgorithm<T>::load(const State& state) {
  host_->load(state);
  parameters_.upload(host_->agent().parameters().data());
  const auto& progress = counts(state, "progress", 2);
  rounds_done_ = static_cast<int>(progress[0]);
  steps_done_ = progress[1];
  statistics_.load(state);
  collector_.load(state);
  if (settings().algorithm == "ppo") passes_done_ = counts(state, "ppo.passes", 1)[0];
  for (const auto& descent : descents_)
    for (std::size_t i = 0; i < descent->optimisers().size(); ++i) {
      DeviceOptimiser<T>& optimiser = descent->optimisers()[i];
      const std::string& name = descent->descent().movers[i].name;
      optimiser.set_steps(counts(state, name + ".steps", 1)[0]);
      for (auto& array : optimiser.state())
        array.data.upload(state.reals<T>(name + "." + array.name, static_cast<int>(array.data.size())).data());
    }
}

template <class T>
std::unique_ptr<Algorithm> make_in(std::unique_ptr<Algorithm> host) {
  auto* on_policy = dynamic_cast<OnPolicy<T>*>(host.get());
  const auto descents = on_policy ? on_policy->descents() : std::vector<Descent<T>>{};
  if (descents.empty())
    throw Error("--device cuda", host->settings().algorithm + " has no form for the GPU",
                "use --device cpu, or algorithm=a2c, a2c-joint, ppo, vpg or reinforce");
  host.release();
  return std::make_unique<DeviceAlgorithm<T>>(std::unique_ptr<OnPolicy<T>>(on_policy), descents);
}

}  // namespace

std::unique_ptr<Algorithm> make_device_algorithm(const TrainSettings& settings, const Registry& environments) {
  if (device_count() == 0) throw Error("--device cuda", describe_device(), "use --device cpu");
  refuse_what_has_no_device_form(settings);
  auto host = make_algorithm(settings, environments);
  return settings.scalar == "float64" ? make_in<double>(std::move(host)) : make_in<float>(std::move(host));
}

}  // namespace pigrad
