#pragma once
#include <vector>

#include "mdp.hpp"

namespace pigrad::lab {

/// P_π(s,s') = Σ_a π(a|s) P(s'|s,a) [S×S] between states that are not terminal; entries of terminal states are 0.
std::vector<double> policy_chain(const FiniteMdp& mdp, const std::vector<double>& pi);

/// From every state the policy has a way to a terminal one.
bool always_ends(const FiniteMdp& mdp, const std::vector<double>& pi);

}  // namespace pigrad::lab
