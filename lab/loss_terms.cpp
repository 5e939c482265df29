#include "loss_terms.hpp"

#include <algorithm>

#include "../core/ops.hpp"
#include "../rl/joint_loss.hpp"
#include "../rl/losses.hpp"

namespace pigrad {
namespace {

template <class T>
Program entropy_loss(const Agent<T>& agent, double bonus) {
  Tape tape(agent.layout());
  const Tensor output = agent.policy(tape.input("obs", agent.observation_size()));
  return tape.program((-bonus * mean(agent.distribution().entropy(output))).named("entropy loss"));
}

TrainSettings as_means(TrainSettings s) {
  s.critic.loss_reduction = s.policy.loss_reduction = "mean";
  s.critic.loss = "mse";
  return s;
}

}  // namespace

template <class T>
LossTerms<T>::LossTerms(OnPolicy<T>& algorithm)
    : algorithm_(&algorithm),
      settings_(as_means(algorithm.settings())),
      joint_(settings_.algorithm == "ppo" || settings_.algorithm == "a2c-joint") {
  Agent<T>& agent = algorithm.agent();
  const ParameterRange all{0, agent.layout().size()};
  const OptimiserChoice none{.name = "sgd"};
  names_.push_back("actor");
  actor_ = std::make_unique<Learner<T>>(agent, policy_gradient_loss(agent, 0), all, none);
  if (agent.has_critic()) {
    names_.push_back("critic");
    critic_ = std::make_unique<CriticFit<T>>(agent, settings_);
  }
  if (settings_.policy.entropy_bonus > 0) {
    names_.push_back("entropy");
    entropy_ = std::make_unique<Learner<T>>(agent, entropy_loss(agent, settings_.policy.entropy_bonus), all, none);
  }
}

template <class T>
void LossTerms<T>::look() {
  find_psi();
  if (critic_) find_target();
}

template <class T>
void LossTerms<T>::find_psi() {
  const Estimates<T>& e = algorithm_->estimates();
  const AdvantageSettings& a = settings_.advantage;
  const bool by_minibatch = settings_.algorithm == "ppo" && normalises_minibatches(settings_);
  if (a.values == "rollout") {
    psi_ = e.advantages();
  } else {
    AdvantageInput<T> in;
    in.path = e.path();
    in.gamma = static_cast<T>(settings_.gamma);
    in.lambda = static_cast<T>(settings_.lambda);
    in.n = a.n;
    in.value = e.value().empty() ? nullptr : e.value().data();
    in.next_value = e.next_value().data();
    in.action_value = e.action_value().empty() ? nullptr : e.action_value().data();
    in.across_ends = a.sum == "across";
    if (a.per_episode) in.return_scale = T(1) / static_cast<T>(e.paths());
    in.first_step = e.rollout().first_step.data();
    estimate_advantage(a, in, psi_);
  }
  if (a.normalise && (by_minibatch || a.values != "rollout"))
    standardise(psi_.data(), e.rows().data(), e.learning_rows(), a.epsilon, a.deviation == "sample");
}

template <class T>
void LossTerms<T>::find_target() {
  const Estimates<T>& e = algorithm_->estimates();
  critic_->aim(e);
  target_ = critic_->target();
  if (joint_) e.find_lambda_returns(target_);
  if (algorithm_->settings().critic.loss == "broadcast") {
    const double mean = moments(target_.data(), e.rows().data(), e.learning_rows(), false).mean;
    std::fill(target_.begin(), target_.end(), static_cast<T>(mean));
  }
}

template <class T>
Learner<T>& LossTerms<T>::learner(std::size_t term) const {
  if (names_[term] == "critic") return critic_->learner();
  return names_[term] == "actor" ? *actor_ : *entropy_;
}

template <class T>
bool LossTerms<T>::reads(std::size_t term, const Segment& segment) const {
  const auto& nodes = learner(term).program().nodes();
  return std::any_of(nodes.begin(), nodes.end(), [&](const Node& n) {
    return n.kind == NodeKind::parameter && n.wants_bar && n.slot == segment.offset;
  });
}

template <class T>
const std::vector<T>& LossTerms<T>::gradient(std::size_t term, const std::int32_t* rows, int count, int threads) {
  Learner<T>& of = learner(term);
  const bool critic = names_[term] == "critic";
  of.bind(algorithm_->rollout(), (critic ? target_ : psi_).data(), rows, 0, count);
  of.differentiate(threads);
  if (!critic || !joint_) return of.gradient();
  scaled_ = of.gradient();
  for (T& g : scaled_) g *= static_cast<T>(settings_.critic.coefficient);
  return scaled_;
}

template <class T>
const std::vector<T>& LossTerms<T>::actor_gradient(const std::vector<T>& weight, const std::int32_t* rows, int count,
                                                   int threads) {
  actor_->bind(algorithm_->rollout(), weight.data(), rows, 0, count);
  actor_->differentiate(threads);
  return actor_->gradient();
}

template class LossTerms<float>;
template class LossTerms<double>;

}  // namespace pigrad
