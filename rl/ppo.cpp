#include "ppo.hpp"

#include "counts.hpp"
#include "joint_loss.hpp"
#include "joint_update.hpp"

namespace pigrad {
namespace {

const TrainSettings& checked_ppo(const TrainSettings& s) {
  if (normalises_minibatches(s) && s.minibatch == 1)
    throw Error("minibatch", "1 row has no deviation by which its advantage could be normalised",
                "raise minibatch, or set advantage.normalise=false");
  return checked_joint(s);
}

}  // namespace

template <class T>
Ppo<T>::Ppo(const TrainSettings& settings, const Spec& spec, const Registry* environments)
    : OnPolicy<T>(checked_ppo(settings), spec, environments, true),
      learner_(this->agent_, ppo_loss(this->agent_, settings), settings.policy, settings.critic,
               settings.ppo.optimisers == "separate"),
      clip_schedule_(settings.ppo.clip_schedule) {
  this->remember("policy_optimiser", learner_.policy_optimiser());
  if (learner_.critic_optimiser()) this->remember("critic_optimiser", *learner_.critic_optimiser());
}

template <class T>
std::vector<Descent<T>> Ppo<T>::descents() const {
  const TrainSettings& s = this->settings_;
  return {{Descent<T>::Of::both, &learner_.program(), learner_.movers(), s.ppo.passes, s.ppo.order != "rollout",
           normalises_minibatches(s)}};
}

template <class T>
void Ppo<T>::estimate(int threads) {
  this->find_advantages(threads, !normalises_minibatches(this->settings_));
  this->estimates_.find_lambda_returns(target_);
}

template <class T>
const std::int32_t* Ppo<T>::order_of(int pass) {
  const TrainSettings& s = this->settings_;
  if (s.ppo.order == "rollout") return this->order();
  const auto round = static_cast<std::uint32_t>(this->rounds_done_), passes = static_cast<std::uint32_t>(s.ppo.passes);
  shuffle_(this->estimates_.rows(), Random(static_cast<std::uint64_t>(s.seed), Purpose::shuffle),
           round * passes + static_cast<std::uint32_t>(pass), shuffled_);
  return shuffled_.data();
}

template <class T>
void Ppo<T>::bind(const std::int32_t* order, int begin, int count) {
  learner_.bind(this->rollout_, {this->advantages().data(), target_.data(), this->estimates_.value().data()}, order,
                begin, count);
  if (!normalises_minibatches(this->settings_)) return;
  const AdvantageSettings& a = this->settings_.advantage;
  const T* first = this->advantages().data() + (order ? 0 : begin);
  const Moments m = moments(first, order ? order + begin : nullptr, count, a.deviation == "sample");
  if (m.deviation + a.epsilon == 0)
    throw Error("advantage.normalise", "a minibatch's advantages are all equal", "set advantage.epsilon=1e-8");
  learner_.set("advantage_mean", m.mean);
  learner_.set("advantage_scale", m.deviation + a.epsilon);
}

template <class T>
void Ppo<T>::improve(int threads, Metrics& metrics) {
  const TrainSettings& s = this->settings_;
  const int rows = this->learning_row_count();
  const Minibatches minibatches(rows, s.minibatch, normalises_minibatches(s));
  const double clip_factor = clip_schedule_.value(1, this->rounds_done_, s.rounds());
  learner_.begin_round(this->rounds_done_, s.rounds());
  learner_.set("clip", clip_factor * s.ppo.clip);
  learner_.set("value_clip", clip_factor * s.ppo.value_clip);

  JointReport report(true);
  double loss = 0;
  bool policy_learns = true, going = true;
  for (int pass = 0; pass < s.ppo.passes && going; ++pass) {
    const std::int32_t* order = order_of(pass);
    for (int i = 0; i < minibatches.count() && going; ++i) {
      bind(order, minibatches.begin(i), minibatches.size(i));
      loss = learner_.differentiate(threads);
      if (policy_learns) report.note(learner_);
      if (s.ppo.target_kl > 0 && learner_.output("approx_kl") > 1.5 * s.ppo.target_kl) policy_learns = false;
      going = policy_learns || learner_.critic_optimiser() != nullptr;
      if (!going) break;
      learner_.step(policy_learns);
      const int size = minibatches.size(i);
      if (policy_learns)
        this->note_step(learner_.policy_optimiser(), size, loss, learner_.grad_norm(), learner_.gradient());
      if (const Optimiser<T>* critic = learner_.critic_optimiser())
        this->note_step(*critic, size, loss, learner_.critic_grad_norm(), learner_.gradient());
    }
    ++passes_done_;
  }
  const double explained = explained_variance(target_.data(), this->estimates_.value().data(), this->order(), rows);
  report.write(learner_, {loss, explained, passes_done_, clip_factor * s.ppo.clip}, metrics);
}

template <class T>
void Ppo<T>::save(State& state) const {
  OnPolicy<T>::save(state);
  state.put("ppo.passes", std::vector<std::int64_t>{passes_done_});
}

template <class T>
void Ppo<T>::load(const State& state) {
  OnPolicy<T>::load(state);
  passes_done_ = counts(state, "ppo.passes", 1)[0];
}

template class Ppo<float>;
template class Ppo<double>;

}  // namespace pigrad
