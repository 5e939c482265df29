#pragma once
#include "agent.hpp"

namespace pigrad {

/// Surrogate of the policy gradient: L = −mean_t( ln π(a_t|s_t) Ψ_t ) − c·mean H, whose gradient is minus the estimate
/// of Sutton et al. 2000, theorem 1. Inputs "obs", "action", "weight" (Ψ), "log_prob" (ln π of the policy that acted).
/// Outputs "entropy" (mean H) and "kl" = mean(ln π_acted − ln π), the source's estimate of KL(old‖new).
template <class T>
Program policy_gradient_loss(const Agent<T>& agent, double entropy_bonus);

/// Mean squared error of the critic, L = mean_t (V(s_t) − R_t)². Inputs "obs", "weight" (R).
/// With `broadcast`, L = mean_{t,u} (V(s_t) − R_u)² over all pairs, as [B×1] minus [B] makes it: its optimum is the
/// minibatch's mean return. A row-mixing program.
template <class T>
Program value_loss(const Agent<T>& agent, bool broadcast);

}  // namespace pigrad
