#pragma once
#include <string>
#include <vector>

#include "exact.hpp"
#include "trajectories.hpp"

namespace pigrad::lab {

/// What a critic says of states and of actions. Terminal states are worth 0 whatever it says.
struct CriticTable {
  std::vector<double> v;  ///< [S]
  std::vector<double> q;  ///< [S×A]
};
/// V and Q as they are.
CriticTable exact_critic(const Exact& exact);
/// V̂ = V + e with a known error e [S], and Q̂(s,a) = E[r + γV̂(s')].
CriticTable spoiled_critic(const FiniteMdp& mdp, const Exact& exact, const std::vector<double>& error);
/// e(s) = size·z(s) with z standard normal by seed, 0 in terminal states: an error to spoil with.
std::vector<double> critic_error(const FiniteMdp& mdp, double size, std::uint64_t seed);
/// Mean return-to-go of each state and of each state and action, over rows of other data; 0 where none was seen.
CriticTable learned_critic(const FiniteMdp& mdp, const Trajectories& data);

/// What is subtracted from a return or from Q.
enum class BaselineKind {
  none,
  constant,  ///< the mean of Ψ over other data
  optimal,   ///< the constant of least variance, see fit_baseline
  value,     ///< V̂(s)
  time,      ///< the mean of Ψ_t at each t over other data
};
const char* baseline_name(BaselineKind kind);

/// One estimator: Σ_t w_t (Ψ_t − b) ∇ ln π(a_t|s_t), Ψ by its name in rl/advantage.cpp's list.
struct PsiSettings {
  std::string estimator = "return_to_go";
  BaselineKind baseline = BaselineKind::none;
  double lambda = 1;          ///< of gae
  int n = 1;                  ///< of n_step
  bool discount_time = true;  ///< w_t = γᵗ, which ∇J has; a total return is discounted from the start and has none
  bool normalise = false;     ///< Ψ to mean 0 and deviation 1 over each batch
  /// "gae 0.95 − V, no γᵗ".
  std::string label(double gamma) const;
};

/// A baseline's numbers, fitted on some data and used on other.
struct Baseline {
  BaselineKind kind = BaselineKind::none;
  double constant = 0;
  std::vector<double> by_time;  ///< beyond its end the last one
};

/// Ψ_t·w_t of each row, the baseline subtracted, not normalised. Estimated by rl/advantage.hpp.
/// @param critic of td_error, gae, n_step, q and BaselineKind::value; also V' of truncated rows, which counts 0 without
std::vector<double> psi(const PsiSettings& settings, const FiniteMdp& mdp, const Trajectories& data,
                        const CriticTable* critic, const Baseline& baseline = {});

/// Each batch's mean over its episodes of Σ_t Ψ_t ∇ ln π(a_t|s_t) [count/batch × P], in the order of the episodes;
/// episodes that fill no batch are left out. A batch of 1 gives each episode's own gradient.
/// @param scores FinitePolicy::scores()
/// @param weights Ψ_t·w_t of each row [R]
std::vector<double> gradients(const FinitePolicy& policy, const std::vector<double>& scores, const Trajectories& data,
                              std::vector<double> weights, int batch = 1, bool normalise = false, int threads = 1);

/// Fits a baseline for Ψ on data that will not be used with it. The optimal constant is
/// b = E[g·h]/E[‖h‖²] with g the gradient of an episode without a baseline and h = Σ_t w_t ∇ ln π: for the total
/// return, E[‖Σ∇ ln π‖²R]/E[‖Σ∇ ln π‖²] (Greensmith, Bartlett and Baxter 2004, theorem 8).
Baseline fit_baseline(const PsiSettings& settings, const FiniteMdp& mdp, const FinitePolicy& policy,
                      const Trajectories& data, const CriticTable* critic);

/// All in one: `count` episodes of the policy as gradients [count/batch × P].
struct EstimatorRun {
  PsiSettings psi;
  const CriticTable* critic = nullptr;
  Baseline baseline;
  int batch = 1;
};
std::vector<double> sample_gradients(const FiniteMdp& mdp, const FinitePolicy& policy, const EstimatorRun& run,
                                     int count, const SampleOptions& options);

}  // namespace pigrad::lab
