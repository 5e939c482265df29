#include "losses.hpp"

#include "../core/ops.hpp"

namespace pigrad {

namespace {

/// A loss's reduction of its rows' terms.
class Reduction {
 public:
  Reduction(Tape& tape, const std::string& name) : name_(name) {
    if (name == "per_episode") scale_ = tape.fixed_input("per_episode", 1, 1);
  }
  bool averages() const { return name_ == "mean"; }
  Tensor operator()(const Tensor& terms) const {
    if (averages()) return mean(terms);
    return name_ == "sum" ? sum(terms) : sum(terms) * scale_;
  }

 private:
  std::string name_;
  Tensor scale_;
};

}  // namespace

template <class T>
Program policy_gradient_loss(const Agent<T>& agent, double entropy_bonus, const std::string& reduction) {
  Tape tape(agent.layout());
  const Tensor obs = tape.input("obs", agent.observation_size());
  const Tensor action = agent.distribution().action_input(tape, "action");
  const Tensor weight = tape.input("weight", 1), acted = tape.input("log_prob", 1);
  const Reduction reduce(tape, reduction);
  const Tensor output = agent.policy(obs);
  const Tensor log_prob = agent.distribution().log_prob(output, action);
  const Tensor entropies = agent.distribution().entropy(output);
  const Tensor entropy = mean(entropies).named("mean entropy");
  const Tensor kl = mean(acted - log_prob).named("kl");
  Tensor loss = -reduce(log_prob * weight);
  if (entropy_bonus != 0) loss = loss - entropy_bonus * (reduce.averages() ? entropy : reduce(entropies));
  return tape.program(loss.named("policy loss"), {{"entropy", entropy}, {"kl", kl}});
}

template <class T>
Program critic_loss(const Agent<T>& agent, const CriticSettings& settings) {
  Tape tape(agent.layout());
  const Tensor seen = agent.critic_observation(tape);
  Tensor target = tape.input("weight", 1);
  const Reduction reduce(tape, settings.loss_reduction);
  if (settings.gradient != "frozen") {
    const Tensor factor = tape.input("factor", 1);
    const Tensor after = agent.value(agent.critic_observation(tape, "boot_obs", "boot_time"));
    target = target + factor * (settings.gradient == "attached" ? after : stop_gradient(after));
  }
  const Tensor value = agent.values_actions()
                           ? agent.action_value(seen, agent.distribution().action_input(tape, "action"))
                           : agent.value(seen);
  if (settings.loss != "broadcast") return tape.program(reduce(square(value - target)).named("value loss"));
  const Tensor centre = mean(target);
  const Tensor spread = mean(square(target - centre));
  return tape.program((mean(square(value - centre)) + spread).named("value loss over all pairs"));
}

template <class T>
Program value_loss(const Agent<T>& agent, bool broadcast) {
  CriticSettings settings;
  settings.loss = broadcast ? "broadcast" : "mse";
  return critic_loss(agent, settings);
}

#define PIGRAD_INSTANTIATE(T)                                                         \
  template Program policy_gradient_loss(const Agent<T>&, double, const std::string&); \
  template Program critic_loss(const Agent<T>&, const CriticSettings&);               \
  template Program value_loss(const Agent<T>& agent, bool)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
