#include "checks.hpp"

#include <limits>
#include <utility>

#include "../core/error.hpp"
#include "../nn/schedule.hpp"
#include "advantage.hpp"

namespace pigrad {

namespace {

void check_sizes(const TrainSettings& settings) {
  const std::int64_t rows = static_cast<std::int64_t>(settings.steps) * settings.copies;
  if (rows > std::numeric_limits<int>::max())
    throw Error("steps", std::to_string(rows) + " rows in a rollout", "give fewer than 2³¹ steps × copies");
  if (static_cast<std::int64_t>(settings.epochs) * settings.rollouts > std::numeric_limits<int>::max())
    throw Error("rollouts", std::to_string(settings.epochs) + " epochs of " + std::to_string(settings.rollouts),
                "give fewer than 2³¹ epochs × rollouts");
  if (settings.episodes > 0 && !settings.whole_episodes)
    throw Error("episodes", "it counts whole episodes", "set whole_episodes=true, or episodes=0");
  if (settings.whole_episodes && settings.observation.normalise)
    throw Error("observation.normalise", "whole episodes are collected without it",
                "set whole_episodes=false, or observation.normalise=false");
  if (settings.episodes > 0) return;
  if (rows == 1 && settings.advantage.normalise)
    throw Error("advantage.normalise", "a rollout of 1 row has no deviation to divide by",
                "raise steps or copies, or set advantage.normalise=false");
  if (settings.minibatch > rows)
    throw Error("minibatch",
                std::to_string(settings.minibatch) + " rows, but a rollout has " + std::to_string(settings.steps) +
                    " steps × " + std::to_string(settings.copies) + " copies",
                "give at most " + std::to_string(rows) + ", or 0 for the whole rollout");
}

void check_targets(const CriticSettings& critic) {
  const bool frozen = critic.gradient == "frozen";
  if (!frozen && critic.target == "lambda")
    throw Error("critic.gradient", critic.gradient + ", but a λ target holds the values of all later steps",
                "use critic.gradient=frozen, or critic.target=n_step");
  if (!frozen && critic.loss == "broadcast")
    throw Error("critic.gradient", critic.gradient + ", but the broadcast loss compares with all rows' targets",
                "use critic.gradient=frozen, or critic.loss=mse");
  if (critic.loss == "broadcast" && critic.loss_reduction != "mean")
    throw Error("critic.loss_reduction", critic.loss_reduction + ", but the broadcast loss is a mean over pairs",
                "use critic.loss_reduction=mean, or critic.loss=mse");
  if (critic.scale == "returns" && (critic.target != "returns" || !frozen))
    throw Error("critic.scale", "returns, but the critic does not fit frozen returns",
                "set critic.target=returns and critic.gradient=frozen, or critic.scale=none");
}

bool bootstraps(const TrainSettings& s) {
  return s.boundary.truncation == "bootstrap" || (s.boundary.edge == "bootstrap" && !s.whole_episodes);
}

void check_advantage(const TrainSettings& settings, bool with_critic) {
  const AdvantageSettings& a = settings.advantage;
  find_estimator<double>(a, with_critic);
  if (a.estimator == "q" && !settings.critic.of_actions())
    throw Error("advantage.estimator", "q needs Q(s, a), and critic.kind is " + settings.critic.kind,
                "set critic.kind to q or q_action");
  if (a.sum == "across" && a.estimator != "gae")
    throw Error("advantage.sum", "across is a fault of gae, and the estimator is " + a.estimator,
                "set advantage.sum=cut");
  if (a.values != "rollout" && !with_critic)
    throw Error("advantage.values", a.values + " needs V(s), and this algorithm has no critic", "use rollout");
  if (!a.per_episode) return;
  if (a.estimator != "return_to_go" && a.estimator != "reward_to_go" && a.estimator != "total_return")
    throw Error("advantage.per_episode", "it divides returns, and the estimator is " + a.estimator,
                "use return_to_go, or advantage.per_episode=false");
  if (with_critic && bootstraps(settings))
    throw Error("advantage.per_episode", "the critic would fit returns of one size and bootstrap them with another",
                "set boundary.truncation=terminate and whole_episodes=true, or advantage.per_episode=false");
  if (with_critic && (settings.critic.target != "returns" || settings.critic.gradient != "frozen"))
    throw Error("advantage.per_episode", "the critic's targets would not be divided with the returns",
                "set critic.target=returns and critic.gradient=frozen, or advantage.per_episode=false");
}

void check_critic(const TrainSettings& settings, const Spec& spec) {
  const CriticSettings& critic = settings.critic;
  check_targets(critic);
  if (critic.time && spec.max_steps < 1)
    throw Error("critic.time", spec.id + " has no time limit to divide by", "set critic.time=false");
  if (critic.kind != "q_action" || spec.action.is_discrete()) return;
  const char* because = settings.advantage.estimator != "q" ? "advantage.estimator other than q"
                        : settings.advantage.baseline       ? "advantage.baseline"
                        : critic.target != "returns"        ? "critic.target other than returns"
                        : critic.gradient != "frozen"       ? "critic.gradient other than frozen"
                        : bootstraps(settings)              ? "a boundary rule that bootstraps"
                                                            : nullptr;
  if (because)
    throw Error("critic.kind",
                "q_action over the continuous actions of " + spec.id + " has no V̂ = Σ π Q, which " + because + " needs",
                "use advantage.estimator=q without baseline, critic.target=returns, boundary.truncation=terminate and "
                "boundary.edge=drop, or critic.kind=mlp");
}

}  // namespace

const TrainSettings& checked(const TrainSettings& settings, const Spec& spec, bool with_critic) {
  check_fields(settings);
  check_advantage(settings, with_critic);
  check_sizes(settings);
  for (const std::string& schedule :
       {settings.policy.optimiser.schedule, settings.critic.optimiser.schedule, settings.ppo.clip_schedule})
    static_cast<void>(Schedule(schedule));
  if (with_critic) check_critic(settings, spec);
  for (const auto& [key, rule] : {std::pair{"boundary.truncation", settings.boundary.truncation},
                                  std::pair{"boundary.edge", settings.boundary.edge}})
    if (!with_critic && rule == "bootstrap")
      throw Error(key, "bootstrap needs V(s), and this algorithm has no critic",
                  std::string(key) == "boundary.edge" ? "use drop, or last_reward" : "use terminate");
  return settings;
}

template <class T>
void check_rollout(const Rollout<T>& r, const Agent<T>& agent) {
  const auto fits = [&](const auto& array, int columns, int rows, const char* name) {
    if (array.size() != static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows))
      throw Error("learn",
                  std::string("the rollout's ") + name + " has " + std::to_string(array.size()) + " numbers, not " +
                      std::to_string(columns) + " × " + std::to_string(rows),
                  "size it with Rollout::resize and fill every row");
  };
  require(r.steps >= 1 && r.copies >= 1, "learn", "the rollout is empty", "give at least one step of one copy");
  const int rows = r.rows(), features = agent.observation_size(), dimensions = agent.action_size();
  require(r.observation_size == features && r.action_size == dimensions, "learn",
          "the rollout's observation_size or action_size is not the agent's", "size it with Rollout::resize");
  fits(r.obs, features, rows, "obs");
  fits(r.final_obs, features, rows, "final_obs");
  fits(r.edge_obs, features, r.copies, "edge_obs");
  fits(r.index, dimensions == 0, rows, "index");
  fits(r.action, dimensions, rows, "action");
  fits(r.log_prob, 1, rows, "log_prob");
  fits(r.reward, 1, rows, "reward");
  fits(r.terminated, 1, rows, "terminated");
  fits(r.truncated, 1, rows, "truncated");
  fits(r.valid, 1, rows, "valid");
  fits(r.first_step, 1, r.copies, "first_step");
  for (const std::int32_t a : r.index)
    if (a < 0 || a >= agent.distribution().actions())
      throw Error("learn",
                  "an action is " + std::to_string(a) + " of " + std::to_string(agent.distribution().actions()),
                  "give actions from 0 to n − 1");
}

template void check_rollout(const Rollout<float>&, const Agent<float>&);
template void check_rollout(const Rollout<double>&, const Agent<double>&);

}  // namespace pigrad
