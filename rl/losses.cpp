#include "losses.hpp"

#include "../core/ops.hpp"

namespace pigrad {

template <class T>
Program policy_gradient_loss(const Agent<T>& agent, double entropy_bonus) {
  Tape tape(agent.layout());
  const Tensor obs = tape.input("obs", agent.observation_size());
  const Tensor action = agent.distribution().action_input(tape, "action");
  const Tensor weight = tape.input("weight", 1), acted = tape.input("log_prob", 1);
  const Tensor output = agent.policy(obs);
  const Tensor log_prob = agent.distribution().log_prob(output, action);
  const Tensor entropy = mean(agent.distribution().entropy(output)).named("mean entropy");
  const Tensor kl = mean(acted - log_prob).named("kl");
  Tensor loss = -mean(log_prob * weight);
  if (entropy_bonus != 0) loss = loss - entropy_bonus * entropy;
  return tape.program(loss.named("policy loss"), {{"entropy", entropy}, {"kl", kl}});
}

template <class T>
Program value_loss(const Agent<T>& agent, bool broadcast) {
  Tape tape(agent.layout());
  const Tensor obs = tape.input("obs", agent.observation_size());
  const Tensor target = tape.input("weight", 1);
  const Tensor value = agent.value(obs);
  if (!broadcast) return tape.program(mean(square(value - target)).named("value loss"));
  const Tensor centre = mean(target);
  const Tensor spread = mean(square(target - centre));
  return tape.program((mean(square(value - centre)) + spread).named("value loss over all pairs"));
}

#define PIGRAD_INSTANTIATE(T)                                           \
  template Program policy_gradient_loss(const Agent<T>& agent, double); \
  template Program value_loss(const Agent<T>& agent, bool)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
