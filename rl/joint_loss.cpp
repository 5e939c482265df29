#include "joint_loss.hpp"

#include "../core/ops.hpp"

namespace pigrad {
namespace {

Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high) { return min(max(x, low), high); }

/// What both losses have: leaves, the two networks' outputs, entropy, and how the terms add up.
template <class T>
struct Recording {
  Recording(const Agent<T>& whose, const TrainSettings& chosen) : agent(whose), settings(chosen), tape(whose.layout()) {
    const Tensor obs = tape.input("obs", agent.observation_size());
    const Tensor action = agent.distribution().action_input(tape, "action");
    weight = tape.input("weight", 1);
    target = tape.input("target", 1);
    const auto outputs = agent.outputs(obs);
    policy = outputs.policy;
    value = outputs.value;
    log_prob = agent.distribution().log_prob(policy, action);
    entropy = mean(agent.distribution().entropy(policy)).named("mean entropy");
  }

  Program finish(const Tensor& surrogate, const Tensor& value_loss,
                 std::vector<std::pair<std::string, Tensor>> outputs) {
    Tensor loss = surrogate + settings.critic.coefficient * value_loss;
    if (settings.policy.entropy_bonus != 0) loss = loss - settings.policy.entropy_bonus * entropy;
    outputs.insert(outputs.end(), {{"policy", surrogate}, {"value", value_loss}, {"entropy", entropy}});
    if (const int n = agent.action_size(); n > 0)
      outputs.emplace_back("std", mean(exp(slice(agent.distribution().statistics(policy), n, n))).named("mean std"));
    return tape.program(loss.named("loss"), std::move(outputs));
  }

  const Agent<T>& agent;
  const TrainSettings& settings;
  Tape tape;
  Tensor weight, target, policy, value, log_prob, entropy;
};

}  // namespace

const TrainSettings& checked_joint(const TrainSettings& s) {
  const auto only = [&](const std::string& key, const std::string& value, const std::string& served) {
    if (value != served)
      throw Error(key, value + ", but " + s.algorithm + " has one loss for both networks",
                  "set " + key + "=" + served + ", or algorithm=a2c or vpg");
  };
  const auto number = [](int n) { return std::to_string(n); };
  if (s.critic.of_actions()) only("critic.kind", s.critic.kind, "mlp");
  only("critic.time", s.critic.time ? "true" : "false", "false");
  only("critic.target", s.critic.target, "returns");
  only("critic.gradient", s.critic.gradient, "frozen");
  only("critic.scale", s.critic.scale, "none");
  only("critic.loss", s.critic.loss, "mse");
  only("critic.loss_reduction", s.critic.loss_reduction, "mean");
  only("policy.loss_reduction", s.policy.loss_reduction, "mean");
  only("critic.steps_per_minibatch", number(s.critic.steps_per_minibatch), "1");
  only("policy.steps_per_minibatch", number(s.policy.steps_per_minibatch), "1");
  only("advantage.values", s.advantage.values, "rollout");
  only("advantage.per_episode", s.advantage.per_episode ? "true" : "false", "false");
  const bool separate = s.algorithm == "ppo" && s.ppo.optimisers == "separate";
  if (!separate && s.critic.optimiser != CriticSettings{}.optimiser)
    throw Error(
        "critic.optimiser", s.algorithm + " has one optimiser for both networks, which is policy.optimiser",
        "leave critic.optimiser out" + std::string(s.algorithm == "ppo" ? ", or set ppo.optimisers=separate" : ""));
  return s;
}

bool normalises_minibatches(const TrainSettings& settings) {
  return settings.advantage.normalise && settings.ppo.advantages == "minibatch";
}

template <class T>
Program a2c_loss(const Agent<T>& agent, const TrainSettings& settings) {
  Recording<T> r(agent, settings);
  return r.finish((-mean(r.log_prob * r.weight)).named("policy loss"),
                  mean(square(r.value - r.target)).named("value loss"), {});
}

template <class T>
Program ppo_loss(const Agent<T>& agent, const TrainSettings& settings) {
  Recording<T> r(agent, settings);
  const Tensor acted = r.tape.input("log_prob", 1), epsilon = r.tape.fixed_input("clip", 1, 1);
  Tensor advantage = r.weight;
  if (normalises_minibatches(settings))
    advantage = (r.weight - r.tape.fixed_input("advantage_mean", 1, 1)) / r.tape.fixed_input("advantage_scale", 1, 1);

  const Tensor log_ratio = r.log_prob - acted;
  const Tensor ratio = exp(log_ratio).named("ratio");
  const Tensor clipped = clip(ratio, 1.0 - epsilon, 1.0 + epsilon).named("clipped ratio");
  const Tensor surrogate = -mean(min(ratio * advantage, clipped * advantage));

  Tensor error = square(r.value - r.target);
  if (settings.ppo.value_clip > 0) {
    const Tensor old = r.tape.input("value", 1), most = r.tape.fixed_input("value_clip", 1, 1);
    const Tensor held = square(old + clip(r.value - old, -most, most) - r.target);
    error = settings.ppo.value_clip_form == "max" ? max(error, held) : held;
  }
  const Tensor beyond = abs(ratio - 1.0) - epsilon;
  return r.finish(
      surrogate.named("policy loss"), mean(error).named("value loss"),
      {{"approx_kl", mean(ratio - 1.0 - log_ratio).named("approx_kl")},
       {"clip_fraction", mean(where(beyond, r.tape.constant(1), r.tape.constant(0))).named("clip_fraction")}});
}

#define PIGRAD_INSTANTIATE(T)                                       \
  template Program a2c_loss(const Agent<T>&, const TrainSettings&); \
  template Program ppo_loss(const Agent<T>&, const TrainSettings&)
PIGRAD_INSTANTIATE(float);
PIGRAD_INSTANTIATE(double);
#undef PIGRAD_INSTANTIATE

}  // namespace pigrad
