#pragma once
#include <string>
#include <vector>

#include "../rl/on_policy.hpp"

namespace pigrad {

/// A policy gradient over given rows, ĝ = mean_t Ψ_t ∇ln π(a_t|s_t) (Sutton et al. 2000, theorem 1), and its samples.
struct PolicyGradient {
  struct OfLayer {
    std::string name;        ///< see layers_of; "all" last
    double norm = 0;         ///< ‖ĝ‖
    double mean_norm = 0;    ///< mean_t ‖Ψ_t ∇ln π_t‖
    double mean_cosine = 0;  ///< of a sample's angle to ĝ, over samples that are not 0
  };
  std::vector<double> mean;   ///< [P]
  std::vector<double> rows;   ///< [rows × P] of each sample, without the mean's 1/rows; empty unless asked
  std::vector<double> norms;  ///< [rows] ‖Ψ_t ∇ln π_t‖
  std::vector<double> psi, log_prob, value;  ///< [rows]; value empty without a critic of states
  std::vector<OfLayer> layers;
};

/// @param policy and state a run opened and its checkpoint; settings say Ψ
/// @param rollout with log_prob found
/// @param weight Ψ given [rows], or null for the settings'
/// Throws Error where the settings need a critic and the policy has none, or where no row learns.
PolicyGradient policy_gradient(const OnPolicy<double>& policy, const State& state, const TrainSettings& settings,
                               const Rollout<double>& rollout, const std::vector<double>* weight, bool per_sample);

}  // namespace pigrad
