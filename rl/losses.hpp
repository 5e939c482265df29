#pragma once
#include "agent.hpp"
#include "settings.hpp"

namespace pigrad {

/// Surrogate of the policy gradient: L = −mean_t( ln π(a_t|s_t) Ψ_t ) − c·mean H, whose gradient is minus the estimate
/// of Sutton et al. 2000, theorem 1. Inputs "obs", "action", "weight" (Ψ), "log_prob" (ln π of the policy that acted).
/// Outputs "entropy" (mean H) and "kl" = mean(ln π_acted − ln π), the source's estimate of KL(old‖new).
/// @param reduction "mean" as above; "sum"; "per_episode": the sum times the fixed input "per_episode" [1×1]
template <class T>
Program policy_gradient_loss(const Agent<T>& agent, double entropy_bonus, const std::string& reduction = "mean");

/// What the critic's settings say, L = mean_t (V(s_t) − R_t)² or another reduction of it, with Q(s_t, a_t) for V(s_t)
/// where the critic is of actions. Inputs "obs", "weight" (R), with critic.time "time", with Q "action".
/// Unless critic.gradient is frozen R_t = weight + factor·V(boot_obs), V(boot_obs) without its gradient (detached) or
/// with it (attached): inputs "factor", "boot_obs", with critic.time "boot_time".
template <class T>
Program critic_loss(const Agent<T>& agent, const CriticSettings& settings);

/// Mean squared error of the critic, L = mean_t (V(s_t) − R_t)². Inputs "obs", "weight" (R).
/// With `broadcast`, L = mean_{t,u} (V(s_t) − R_u)² over all pairs, as [B×1] minus [B] makes it: its optimum is the
/// minibatch's mean return. A row-mixing program.
template <class T>
Program value_loss(const Agent<T>& agent, bool broadcast);

}  // namespace pigrad
